/**
 * The links, one after the other, to an object that is opened again when its thread dies. Calls go to the link that is
 * there; while there is none they wait for the next.
 */
import { ResidentClosedError, type WorkerCrashedError } from "../../errors.ts"
import { movesIn, stay } from "../transport/moves.ts"
import { platformObjectIn } from "../transport/platform-object.ts"
import { Deliveries } from "./delivery.ts"
import { EndListeners } from "./end-listeners.ts"
import type { Ended, Link, OnExit } from "./link.ts"
import { refusal } from "./refusal.ts"

/** What callers of a link need of it. */
export type Line = Pick<Link, "call" | "stream" | "acknowledge" | "stop" | "abandon" | "terminate" | "ended" | "onEnd">

interface Waiting {
  /** Makes the call. Gives the number that the link knows it by. */
  readonly make: (link: Link) => number
  readonly onExit: OnExit
  readonly args: ReadonlyArray<unknown>
}

/** Numbers of a link's calls have 32 bits. The bits above say which link it was; 0 is the line of those who wait. */
const GENERATION = 2 ** 32

export class SupervisedLink implements Line {
  readonly #name: string
  readonly #onCrash: (crash: WorkerCrashedError) => void
  readonly #waiting = new Map<number, Waiting>()
  /** Calls that have waited, under the numbers that their callers know. */
  readonly #moved = new Map<number, number>()
  readonly #deliveries = new Deliveries()
  readonly #endListeners = new EndListeners()
  #link: Link | undefined
  #generation = 0
  #lastTicket = 0
  #closing = false
  #ended: Ended | undefined

  /** `onCrash` is told when the object is gone and another is needed, to be given to `install`. */
  constructor(name: string, onCrash: (crash: WorkerCrashedError) => void) {
    this.#name = name
    this.#onCrash = onCrash
  }

  /** Takes a link whose object has been opened. Those who wait are served, in order. */
  install(link: Link): void {
    this.#link = link
    this.#generation++
    if (link.ended === undefined) {
      const waiting = [...this.#waiting]
      this.#waiting.clear()
      for (const [ticket, { make }] of waiting) this.#moved.set(ticket, this.#numbered(make(link)))
    }
    link.onEnd((ended) => {
      if (this.#link === link) this.#lost(ended)
    })
  }

  #lost(ended: Ended): void {
    this.#link = undefined
    if (this.#ended !== undefined) return
    if (ended._tag === "WorkerCrashedError" && !this.#closing) this.#onCrash(ended)
    else this.end(ended)
  }

  /** Its owner closes it: no other object will come. What is pending in the one that is there goes on. */
  close(): void {
    this.#closing = true
    if (this.#link === undefined) this.end(new ResidentClosedError({ worker: this.#name }))
  }

  get ended(): Ended | undefined {
    return this.#ended
  }

  onEnd(listener: (ended: Ended) => void): () => void {
    return this.#endListeners.add(listener, this.#ended)
  }

  /** There will be no other object: those who wait for one, and who will call, fail with that. */
  end(ended: Ended): void {
    if (this.#ended !== undefined) return
    this.#ended = ended
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const [ticket, { onExit, args }] of waiting) {
      stay(args)
      this.#deliveries.add(ticket, onExit, { ok: false, error: ended })
    }
    this.#endListeners.tell(ended)
  }

  call(...request: Parameters<Link["call"]>): number {
    const link = this.#ready
    if (link !== undefined) return this.#numbered(link.call(...request))
    const [method, args, onExit, ...context] = request
    return this.#wait(method, args, onExit, (next, kept, told) => next.call(method, kept, told, ...context))
  }

  stream(...request: Parameters<Link["stream"]>): number {
    const link = this.#ready
    if (link !== undefined) return this.#numbered(link.stream(...request))
    const [method, args, bufferSize, onItems, onExit, ...context] = request
    return this.#wait(method, args, onExit, (next, kept, told) =>
      next.stream(method, kept, bufferSize, onItems, told, ...context),
    )
  }

  acknowledge(id: number): void {
    const at = this.#at(id)
    at?.link.acknowledge(at.number)
  }

  stop(id: number): boolean {
    if (this.#leave(id)) return false
    const at = this.#at(id)
    if (at?.link.stop(at.number) === true) return true
    this.#moved.delete(id)
    this.#deliveries.drop(id)
    return false
  }

  abandon(id: number): void {
    if (this.#leave(id)) return
    const at = this.#at(id)
    if (at === undefined) this.#deliveries.drop(id)
    else at.link.abandon(at.number)
    this.#moved.delete(id)
  }

  terminate(): void {
    const link = this.#link
    this.end(new ResidentClosedError({ worker: this.#name }))
    link?.terminate()
  }

  /** The link, if its object is there. A callback of the crash may call before the end of the link was told here. */
  get #ready(): Link | undefined {
    return this.#link?.ended === undefined && this.#ended === undefined ? this.#link : undefined
  }

  #numbered(number: number): number {
    return this.#generation * GENERATION + (number >>> 0)
  }

  /** Which call a number is of, if it is one of the link that is there. */
  #at(id: number): { readonly link: Link; readonly number: number } | undefined {
    const known = id < GENERATION ? (this.#moved.get(id) ?? id) : id
    if (this.#link === undefined || Math.floor(known / GENERATION) !== this.#generation) return undefined
    return { link: this.#link, number: (known % GENERATION) | 0 }
  }

  /** Somebody does not wait any more. Says whether it did. */
  #leave(ticket: number): boolean {
    const waiting = this.#waiting.get(ticket)
    if (waiting === undefined) return false
    stay(waiting.args)
    return this.#waiting.delete(ticket)
  }

  #wait(
    method: string,
    args: ReadonlyArray<unknown>,
    onExit: OnExit,
    make: (link: Link, args: ReadonlyArray<unknown>, onExit: OnExit) => number,
  ): number {
    const ticket = ++this.#lastTicket
    if (this.#ended !== undefined) {
      stay(args)
      this.#deliveries.add(ticket, onExit, { ok: false, error: this.#ended })
      return ticket
    }
    let kept = args
    try {
      // Arguments are taken as they are at the call; what is to move is the call's already.
      if (movesIn(args) === undefined) {
        const platform = platformObjectIn(args, "args", true)
        if (platform !== undefined) throw new TypeError(`${platform.path}: ${platform.kind} belongs to its thread`)
        kept = structuredClone(args)
      }
    } catch (thrown) {
      this.#deliveries.add(ticket, onExit, { ok: false, error: refusal(args, method, undefined, thrown) })
      return ticket
    }
    const told: OnExit = (exit) => {
      this.#moved.delete(ticket)
      onExit(exit)
    }
    this.#waiting.set(ticket, { make: (link) => make(link, kept, told), onExit, args: kept })
    return ticket
  }
}
