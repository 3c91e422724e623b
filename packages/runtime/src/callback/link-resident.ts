/** A resident's handle over its link. */
import { type CallError, InvalidResidentOptionsError } from "../errors.ts"
import type { Caller } from "../internal/context/sent.ts"
import { deliver } from "../internal/link/delivery.ts"
import type { CallExit, Ended, Link, OnExit, OnItems } from "../internal/link/link.ts"
import { boundHost } from "../internal/portal/bound-host.ts"
import type { Host } from "../internal/portal/host.ts"
import { checkBufferSize } from "../internal/stream/buffer-size.ts"
import type { MethodArgs, MethodItem, MethodName, MethodResult } from "../Resident.ts"
import type { ResidentHandle, StreamHandle } from "./resident.ts"

export class LinkResident<I extends object> implements ResidentHandle<I> {
  readonly name: string
  readonly #link: Link
  readonly #host: Host | undefined

  constructor(name: string, link: Link, host: Host | undefined) {
    this.name = name
    this.#link = link
    this.#host = host
  }

  get ended(): Ended | undefined {
    return this.#link.ended
  }

  call<K extends MethodName<I>>(
    method: K,
    args: MethodArgs<I, K>,
    onExit: (exit: CallExit<MethodResult<I, K>>) => void,
    caller?: Caller,
  ): number {
    const host = this.#host && boundHost(this.#host)
    return this.#link.offer(method, args, onExit as OnExit, host, caller)
  }

  abandon(id: number): void {
    this.#link.abandon(id)
  }

  retract(id: number): boolean {
    // Calls that were pending when the object went are told so, one after the other.
    return this.#link.ended === undefined && this.#link.retract(id)
  }

  stream<K extends MethodName<I>>(
    method: K,
    args: MethodArgs<I, K>,
    options: { readonly bufferSize?: number | undefined; readonly caller?: Caller | undefined },
    onItems: (items: ReadonlyArray<MethodItem<I, K>>) => void,
    onExit: (exit: CallExit<unknown, CallError | InvalidResidentOptionsError>) => void,
  ): StreamHandle {
    const link = this.#link
    let bufferSize: number
    try {
      bufferSize = checkBufferSize(options.bufferSize)
    } catch (thrown) {
      const detail = `${(thrown as RangeError).message}.`
      const error = new InvalidResidentOptionsError({ worker: this.name, option: "bufferSize", detail })
      queueMicrotask(() => deliver(onExit, { ok: false, error }))
      return { acknowledge: () => {}, stop: () => true }
    }
    const id = link.stream(method, args, bufferSize, onItems as OnItems, onExit as OnExit, options.caller)
    return { acknowledge: () => link.acknowledge(id), stop: () => link.stop(id) }
  }

  terminate(): void {
    this.#link.terminate()
  }

  close(onDone: (exit: CallExit<void>) => void): void {
    this.#link.close(onDone)
  }

  onEnd(listener: (ended: Ended) => void): () => void {
    return this.#link.onEnd(listener)
  }
}
