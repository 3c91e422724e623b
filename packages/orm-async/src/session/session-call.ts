import { type Call, type Leaving, Left } from "../operation/call.ts"
import type { Done, Outcome } from "../operation/outcome.ts"
import type { StatementObserver } from "./statement-observer.ts"

/** The part of a session that a call uses. */
export interface SessionUse {
  /** The call begins to use the session; returns why it cannot, if so. */
  enter(call: SessionCall<unknown>): unknown
  /** The call has ended. */
  exit(call: SessionCall<unknown>): void
  /** The caller has gone, and the call may end later: the session is free for others at once. */
  left(call: SessionCall<unknown>): void
}

/** The use that a call makes of a session. */
export interface CallUse {
  /** The method that the program called. */
  readonly method: string
  /** It may be called whatever state the session is in, as what ends a transaction. */
  readonly always?: boolean
}

/** A call of a session, which one call uses at a time. */
export class SessionCall<A> implements Call<A> {
  readonly use: CallUse
  /** Is told of the statements that the call sends; to be set before it is started. */
  observer: StatementObserver | undefined
  readonly #session: SessionUse
  readonly #make: () => Call<A>
  #inner: Call<A> | undefined

  /** @param make gives what the call does, or throws why it cannot */
  constructor(session: SessionUse, use: CallUse, make: () => Call<A>) {
    this.#session = session
    this.use = use
    this.#make = make
  }

  start(done: Done<A>): void {
    const refusal = this.#session.enter(this)
    if (refusal !== undefined) return done({ ok: false, error: refusal })
    try {
      this.#inner = this.#make()
    } catch (error) {
      this.#session.exit(this)
      return done({ ok: false, error })
    }
    this.#inner.start((outcome) => this.#end(outcome, done))
  }

  leave(): Leaving {
    const how = (this.#inner as Call<A>).leave()
    if (how !== "stay") this.#session.left(this)
    return how
  }

  #end(outcome: Outcome<A>, done: Done<A>): void {
    // A caller that had to wait for an outcome may have gone after it.
    if (!outcome.ok && outcome.error instanceof Left) this.#session.left(this)
    else this.#session.exit(this)
    done(outcome)
  }
}
