import type { Done, Outcome } from "./outcome.ts"

/**
 * The effect of leaving on a call:
 *
 * - `"gone"`: it is withdrawn, and `done` never comes
 * - `"later"`: the caller may go at once; `done` still comes, when what the call holds is free again, and its outcome is
 *   nobody's
 * - `"stay"`: the outcome must be known first, as that of a COMMIT; `done` comes and its outcome is the caller's
 */
export type Leaving = "gone" | "later" | "stay"

/**
 * A call that may take time, in no style: it is started once, answered once, and can be left while it is under way by a
 * caller that was interrupted, aborted or timed out. Effects, Promises and synchronous calls are made of these.
 */
export interface Call<out A> {
  /** Begins. To be called once; `done` may be told before this returns. */
  start(done: Done<A>): void
  /** The caller wants to go. Has a meaning only between `start` and `done`. */
  leave(): Leaving
}

/** The error of a call that was left, for whoever cleans up behind it. No program sees it. */
export class Left extends Error {
  override readonly name = "Left"
  /** The end of the call after it was left; undefined where it was withdrawn. */
  readonly outcome: Outcome<unknown> | undefined

  constructor(outcome?: Outcome<unknown>) {
    super("the caller has left")
    this.outcome = outcome
  }
}

/** A call that has its answer at once. */
export class Immediate<A> implements Call<A> {
  readonly #run: () => A

  /** @param run gives the answer, or throws the error */
  constructor(run: () => A) {
    this.#run = run
  }

  start(done: Done<A>): void {
    let outcome: Outcome<A>
    try {
      outcome = { ok: true, value: this.#run() }
    } catch (error) {
      outcome = { ok: false, error }
    }
    done(outcome)
  }

  leave(): Leaving {
    return "gone"
  }
}

/** A call of something that takes a callback and cannot be withdrawn. */
export class CallbackCall<A> implements Call<A> {
  readonly #begin: (done: Done<A>) => void
  readonly #leaving: Exclude<Leaving, "gone">
  readonly #onLeave: (() => void) | undefined

  /**
   * @param leaving whether a caller that leaves waits for the outcome
   * @param onLeave is told that the caller has left
   */
  constructor(begin: (done: Done<A>) => void, leaving: Exclude<Leaving, "gone">, onLeave?: () => void) {
    this.#begin = begin
    this.#leaving = leaving
    this.#onLeave = onLeave
  }

  start(done: Done<A>): void {
    this.#begin(done)
  }

  leave(): Leaving {
    this.#onLeave?.()
    return this.#leaving
  }
}

/** A call whose answer is made of another's. */
export class Mapped<A, B> implements Call<B> {
  readonly #call: Call<A>
  readonly #map: (answer: A) => B

  /** @param map makes the answer, or throws the error */
  constructor(call: Call<A>, map: (answer: A) => B) {
    this.#call = call
    this.#map = map
  }

  start(done: Done<B>): void {
    this.#call.start((outcome) => done(outcome.ok ? this.#mapped(outcome.value) : outcome))
  }

  leave(): Leaving {
    return this.#call.leave()
  }

  #mapped(answer: A): Outcome<B> {
    try {
      return { ok: true, value: this.#map(answer) }
    } catch (error) {
      return { ok: false, error }
    }
  }
}
