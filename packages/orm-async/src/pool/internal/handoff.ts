import * as Effect from "effect/Effect"
import type { Waiter } from "./slots.ts"

/**
 * Where one waiting fiber and its connection meet. What was handed over is kept here and not in the fiber's messages, so
 * that an interruption at the very moment of the handover cannot lose it.
 */
export class Handoff<C, E> implements Waiter<C, E> {
  readonly #takeBack: (connection: C) => void
  #state: "waiting" | "granted" | "failed" | "abandoned" = "waiting"
  #connection: C | undefined
  #error: E | undefined
  #givenUp = false
  #wake: (() => void) | undefined

  /** @param takeBack is given a connection that nobody waits for any more */
  constructor(takeBack: (connection: C) => void) {
    this.#takeBack = takeBack
  }

  granted(connection: C): void {
    if (this.#state === "abandoned") {
      this.#takeBack(connection)
    } else {
      this.#state = "granted"
      this.#connection = connection
      this.#wake?.()
    }
  }

  failed(error: E): void {
    if (this.#state === "abandoned") return
    this.#state = "failed"
    this.#error = error
    this.#wake?.()
  }

  /** Ends the wait; if nothing was handed over before, the outcome is `waiting`. */
  readonly giveUp = (): void => {
    this.#givenUp = true
    this.#wake?.()
  }

  /** Nobody waits any more. */
  abandon(): void {
    const before = this.#state
    this.#state = "abandoned"
    if (before === "granted") this.#takeBack(this.#connection as C)
  }

  /** Ends when something was handed over or the wait was given up; {@link outcome} tells which. */
  readonly settled: Effect.Effect<void> = Effect.async((resume) => {
    if (this.#state !== "waiting" || this.#givenUp) return resume(Effect.void)
    this.#wake = () => resume(Effect.void)
  })

  /** What was handed over, if anything was. */
  outcome<A>(on: {
    readonly granted: (connection: C) => A
    readonly failed: (error: E) => A
    readonly waiting: () => A
  }): A {
    if (this.#state === "granted") return on.granted(this.#connection as C)
    return this.#state === "failed" ? on.failed(this.#error as E) : on.waiting()
  }
}
