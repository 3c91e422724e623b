/** What is behind a portal of the Promise API: plain and asynchronous functions that a worker can call. */
import { callbackHost, type Handler } from "../internal/portal/callback-host.ts"
import type { Host } from "../internal/portal/host.ts"
import { closed } from "../internal/portal/messages.ts"
import { isThenable } from "../internal/thenable.ts"

type AnyFunction = (...args: ReadonlyArray<unknown>) => unknown

const hosts = new WeakMap<object, PortalHost>()

/** Remembers what is behind a portal. */
export const setHost = (portal: object, host: PortalHost): void => {
  hosts.set(portal, host)
}

/** What is behind a portal. Throws a `TypeError` where that is none of the Promise API. */
export const hostOf = (portal: object): Host => {
  const host = hosts.get(portal)
  if (host === undefined) throw new TypeError("not a Portal of @offloop/runtime/promise: make one with Portal.open")
  return host
}

export class PortalHost implements Host {
  readonly #host: Host
  #open = true
  #running = 0
  #onIdle: (() => void) | undefined

  constructor(functions: Readonly<Record<string, (...args: never) => unknown>>) {
    const handlers = Object.entries(functions).map(([name, run]) => [name, handlerOf(run as AnyFunction)])
    this.#host = callbackHost(Object.fromEntries(handlers))
  }

  run(...[name, args, how, onAnswer]: Parameters<Host["run"]>): () => void {
    if (!this.#open) {
      onAnswer(closed)
      return () => {}
    }
    this.#running++
    return this.#host.run(name, args, how, (answer) => {
      this.#running--
      onAnswer(answer)
      if (this.#running === 0) this.#onIdle?.()
    })
  }

  /** Refuses further requests, and waits for those that run. */
  close(): Promise<void> {
    this.#open = false
    return new Promise((resolve) => {
      this.#onIdle = resolve
      if (this.#running === 0) resolve()
    })
  }
}

const handlerOf =
  (run: AnyFunction): Handler<ReadonlyArray<unknown>, unknown> =>
  (args, respond) => {
    const value = run(...args)
    if (!isThenable(value)) {
      respond({ ok: true, value })
      return
    }
    Promise.resolve(value).then(
      (settled) => respond({ ok: true, value: settled }),
      (error: unknown) => respond({ ok: false, error }),
    )
  }
