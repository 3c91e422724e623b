import type { Compiled } from "../compiler/compiled.ts"
import { type Call, type Leaving, Left } from "../operation/call.ts"
import type { Done, Outcome } from "../operation/outcome.ts"

/** Is told of each statement that a session sends, and by what it returns, how the statement ended; as tracing needs it. */
export type StatementObserver = (compiled: Compiled<unknown>) => (outcome: Outcome<unknown>) => void

/** A statement that somebody observes. */
export class ObservedCall<A> implements Call<A> {
  readonly #observer: StatementObserver
  readonly #compile: () => Compiled<unknown>
  readonly #make: (compiled: Compiled<unknown>) => Call<A>
  #call: Call<A> | undefined
  #ended: ((outcome: Outcome<unknown>) => void) | undefined

  /** @param make sends the statement */
  constructor(
    observer: StatementObserver,
    compile: () => Compiled<unknown>,
    make: (compiled: Compiled<unknown>) => Call<A>,
  ) {
    this.#observer = observer
    this.#compile = compile
    this.#make = make
  }

  start(done: Done<A>): void {
    let compiled: Compiled<unknown>
    try {
      compiled = this.#compile()
    } catch (error) {
      return done({ ok: false, error })
    }
    this.#ended = this.#observer(compiled)
    this.#call = this.#make(compiled)
    this.#call.start((outcome) => {
      this.#end(outcome)
      done(outcome)
    })
  }

  leave(): Leaving {
    const how = (this.#call as Call<A>).leave()
    if (how !== "stay") this.#end({ ok: false, error: new Left() })
    return how
  }

  #end(outcome: Outcome<unknown>): void {
    const ended = this.#ended
    this.#ended = undefined
    ended?.(outcome)
  }
}

/** A call that sends statements together, each of which is observed. */
export const observedUnit = <A>(
  observer: StatementObserver | undefined,
  statements: ReadonlyArray<{ readonly compiled: Compiled<unknown> }>,
  unit: Call<A>,
): Call<A> => {
  if (observer === undefined) return unit
  return statements.reduce<Call<A>>(
    (call, { compiled }) =>
      new ObservedCall(
        observer,
        () => compiled,
        () => call,
      ),
    unit,
  )
}
