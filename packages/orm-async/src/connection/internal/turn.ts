import * as Effect from "effect/Effect"
import { Handoff } from "../../pool/internal/handoff.ts"
import type { Waiter } from "../../pool/internal/slots.ts"

type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/**
 * Whose turn it is on a connection: its calls run one after the other, in the order in which they were asked for.
 * Taking a free turn costs no Effect.
 */
export class Turn {
  #taken = false
  /** In order of arrival; made when somebody has to wait, which is rare. */
  #waiting: Set<Waiter<void, never>> | undefined

  /** Takes the turn if it is free. */
  take(): boolean {
    if (this.#taken) return false
    this.#taken = true
    return true
  }

  /** Waits for the turn under `restore`. To be run uninterruptibly; if it fails, the turn was not taken. */
  wait(restore: Restore): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (this.take()) return Effect.void
      const handoff = new Handoff<void, never>(() => this.leave())
      this.#enqueue(handoff)
      return Effect.onError(restore(handoff.settled), () =>
        Effect.sync(() => {
          this.#waiting?.delete(handoff)
          handoff.abandon()
        }),
      )
    })
  }

  /** Runs `then` with the turn taken: now if it is free, else when it comes. */
  whenFree(then: () => void): void {
    if (this.take()) then()
    else this.#enqueue({ granted: then, failed: then })
  }

  /** Hands the turn to whoever waits longest. */
  leave(): void {
    const next = this.#waiting?.values().next().value
    if (next === undefined) {
      this.#taken = false
    } else {
      this.#waiting?.delete(next)
      next.granted()
    }
  }

  #enqueue(waiter: Waiter<void, never>): void {
    this.#waiting ??= new Set()
    this.#waiting.add(waiter)
  }
}
