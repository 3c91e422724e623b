import { type Call, type Leaving, Left } from "../operation/call.ts"
import { FailedCleanUp } from "../operation/failed-clean-up.ts"
import { Operation, type Procedure, settled, wait } from "../operation/operation.ts"
import type { Done } from "../operation/outcome.ts"
import type { SessionCore } from "./session-core.ts"
import type { SessionTransaction } from "./session-transaction.ts"

/**
 * The body of a block in a transaction that was begun for it: makes the transaction permanent when the body succeeds, and
 * takes it back when the body fails, or at once when its caller leaves.
 */
class SessionBlock<A> implements Call<A> {
  readonly #session: SessionCore
  readonly #transaction: SessionTransaction
  readonly #steps: Operation<A>

  constructor(session: SessionCore, transaction: SessionTransaction, body: Call<A>) {
    this.#session = session
    this.#transaction = transaction
    this.#steps = new Operation(() => blockSteps(session, transaction, body))
  }

  start(done: Done<A>): void {
    this.#session.transactions.enterBlock(this.#transaction)
    this.#steps.start((outcome) => {
      if (!outcome.ok && outcome.error instanceof Left) this.#abandon()
      done(outcome)
    })
  }

  leave(): Leaving {
    const how = this.#steps.leave()
    if (how !== "stay") this.#abandon()
    return how
  }

  #abandon(): void {
    this.#session.transactions.abandonBlock(this.#transaction)
  }
}

function* blockSteps<A>(session: SessionCore, transaction: SessionTransaction, body: Call<A>): Procedure<A> {
  try {
    const answer = yield* wait(body)
    yield* wait(session.commitBlock(transaction))
    return answer
  } catch (error) {
    // A caller that has gone has abandoned the block in that moment.
    if (error instanceof Left) throw error
    const ending = yield* settled(new Operation(() => session.transactions.rollbackBlock(transaction)))
    throw ending.ok ? error : new FailedCleanUp(error, ending.error)
  }
}

/** Runs the body of a block in the session's transaction, which begins with it. */
export function* runSessionBlock<A>(session: SessionCore, body: Call<A>): Procedure<A> {
  const transaction = yield* wait(session.begin())
  return yield* wait(new SessionBlock(session, transaction, body))
}

/** Runs the body of a block in a savepoint. */
export function* runNestedBlock<A>(session: SessionCore, body: Call<A>): Procedure<A> {
  const transaction = yield* wait(session.beginNested())
  return yield* wait(new SessionBlock(session, transaction, body))
}

/** Runs the body of a block in which queries do not flush. */
export class NoAutoflush<A> implements Call<A> {
  readonly #session: SessionCore
  readonly #body: Call<A>
  #before: boolean | undefined

  constructor(session: SessionCore, body: Call<A>) {
    this.#session = session
    this.#body = body
  }

  start(done: Done<A>): void {
    this.#before = this.#session.autoflush
    this.#session.autoflush = false
    this.#body.start((outcome) => {
      this.#restore()
      done(outcome)
    })
  }

  leave(): Leaving {
    const how = this.#body.leave()
    if (how !== "stay") this.#restore()
    return how
  }

  #restore(): void {
    const before = this.#before
    this.#before = undefined
    if (before !== undefined) this.#session.autoflush = before
  }
}

/** Runs the body of a block with a session of its own, in a transaction, and closes the session. */
export function* runMakerBlock<A>(session: SessionCore, body: Call<A>): Procedure<A> {
  try {
    return yield* wait(new Operation(() => runSessionBlock(session, body)))
  } finally {
    yield* session.end()
  }
}
