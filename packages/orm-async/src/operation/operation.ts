import { type Call, type Leaving, Left } from "./call.ts"
import type { Done, Outcome } from "./outcome.ts"

/** Several steps with calls between them, written from top to bottom: it yields the calls that it waits for. */
export type Procedure<A> = Generator<Call<unknown>, A, unknown>

/** Waits for a call inside of a procedure: gives its value, or throws its error. */
export function* wait<A>(call: Call<A>): Procedure<A> {
  return (yield call as Call<unknown>) as A
}

/** Waits for a call inside of a procedure and gives its outcome; throws only {@link Left}. */
export function* settled<A>(call: Call<A>): Procedure<Outcome<A>> {
  try {
    return { ok: true, value: yield* wait(call) }
  } catch (error) {
    if (error instanceof Left) throw error
    return { ok: false, error }
  }
}

/**
 * One run of a procedure, as a call.
 *
 * A caller that leaves it leaves the call that the procedure waits for. The procedure learns of it by {@link Left}, which
 * is thrown at that point, when the call is withdrawn or has ended. From then on it cleans up: it may wait for other calls,
 * and nobody hears how it ends.
 *
 * Calls that answer before they return do not grow the stack.
 */
export class Operation<A> implements Call<A> {
  readonly #make: () => Procedure<A>
  #procedure: Procedure<A> | undefined
  #done: Done<A> | undefined
  #waiting: Call<unknown> | undefined
  /** The call is being left. */
  #asking = false
  /** The answer that came meanwhile. */
  #answer: Outcome<unknown> | undefined
  /** `leaving`: the caller wants to go, but waits for an outcome. `left`: it has gone; `cleaning`: the procedure knows. */
  #state: "new" | "running" | "leaving" | "left" | "cleaning" | "ended" = "new"

  constructor(make: () => Procedure<A>) {
    this.#make = make
  }

  start(done: Done<A>): void {
    this.#done = done
    this.#state = "running"
    this.#procedure = this.#make()
    this.#resume({ ok: true, value: undefined })
  }

  leave(): Leaving {
    if (this.#state !== "running") return this.#state === "leaving" ? "stay" : "later"
    const how = this.#leaveWaiting()
    const answer = this.#answer
    this.#answer = undefined
    if (how === "stay") {
      this.#state = "leaving"
      if (answer !== undefined) this.#resume(answer)
      return "stay"
    }
    this.#state = "left"
    if (how === "later" && answer === undefined) return "later"
    // A caller that leaves is not told of an end that comes before this returns.
    const done = this.#done
    this.#done = undefined
    this.#resume(answer)
    if (this.#ended) return "gone"
    this.#done = done
    return "later"
  }

  /** Leaves the call that is waited for. Leaving it may end it; what it means is known only when it has been left. */
  #leaveWaiting(): Leaving {
    const waiting = this.#waiting
    if (waiting === undefined) return "stay"
    this.#asking = true
    try {
      return waiting.leave()
    } finally {
      this.#asking = false
    }
  }

  // A method, since the compiler does not see that resuming changes the state.
  get #ended(): boolean {
    return this.#state === "ended"
  }

  #resume(first: Outcome<unknown> | undefined): void {
    const procedure = this.#procedure as Procedure<A>
    let outcome = first
    for (;;) {
      this.#waiting = undefined
      let step: IteratorResult<Call<unknown>, A>
      try {
        if (this.#state === "left") {
          this.#state = "cleaning"
          step = procedure.throw(new Left(outcome))
        } else if (outcome === undefined || outcome.ok) step = procedure.next(outcome?.value)
        else step = procedure.throw(outcome.error)
      } catch (error) {
        return this.#end({ ok: false, error })
      }
      if (step.done) return this.#end({ ok: true, value: step.value })
      let early: Outcome<unknown> | undefined
      let returned = false
      this.#waiting = step.value
      step.value.start((answer) => {
        if (this.#asking) this.#answer = answer
        else if (returned) this.#resume(answer)
        else early = answer
      })
      returned = true
      if (early === undefined) {
        if (this.#state !== "leaving" || this.#leaveNext() !== "gone") return
        outcome = undefined
      } else outcome = early
    }
  }

  /** The caller wanted to go during a call whose outcome had to be known: now it can. */
  #leaveNext(): Leaving {
    const how = (this.#waiting as Call<unknown>).leave()
    if (how === "stay") return how
    this.#state = "left"
    this.#tell({ ok: false, error: new Left() })
    return how
  }

  #end(outcome: Outcome<A>): void {
    this.#state = "ended"
    this.#tell(outcome)
  }

  #tell(outcome: Outcome<A>): void {
    const done = this.#done
    this.#done = undefined
    done?.(outcome)
  }
}
