import type { Compiled } from "../compiler/compiled.ts"
import { type Call, type Leaving, Left } from "../operation/call.ts"
import { Operation, type Procedure } from "../operation/operation.ts"
import type { Done, Outcome } from "../operation/outcome.ts"
import type { BufferedResult } from "../result/internal/buffered-result.ts"
import type { SessionConnection } from "./session-connection.ts"

/** The part of a session that a query uses. */
export interface QuerySession {
  /** The connection, if a query can be sent over it as things are; undefined if {@link prepare} must come before. */
  ready(): SessionConnection | undefined
  /** Flushes if need be, and gives the connection. */
  prepare(): Procedure<SessionConnection>
}

/** A statement of a query, and what is made of its result. */
export interface SessionQuery<Row, A> {
  /** Gives the statement, or throws why there is none. */
  readonly compile: (connection: SessionConnection) => Compiled<Row>
  /** Makes the answer, or throws why it cannot be one. */
  readonly read: (result: BufferedResult<Row>) => A
}

/**
 * A query of a session: flushes and takes a connection where that must be, then runs one statement. Most calls of a program
 * are one of these, so it is written by hand and not as a procedure.
 */
export class QueryCall<Row, A> implements Call<A> {
  readonly #session: QuerySession
  readonly #query: SessionQuery<Row, A>
  #current: Call<unknown> | undefined
  #hasLeft = false

  constructor(session: QuerySession, query: SessionQuery<Row, A>) {
    this.#session = session
    this.#query = query
  }

  start(done: Done<A>): void {
    const ready = this.#session.ready()
    if (ready !== undefined) return this.#send(ready, done)
    const preparation = new Operation(() => this.#session.prepare())
    this.#current = preparation
    preparation.start((outcome) => {
      if (!outcome.ok) done(outcome)
      else if (this.#hasLeft) done({ ok: false, error: new Left() })
      else this.#send(outcome.value, done)
    })
  }

  leave(): Leaving {
    this.#hasLeft = true
    return (this.#current as Call<unknown>).leave()
  }

  #send(connection: SessionConnection, done: Done<A>): void {
    const statement = connection.execute(() => this.#query.compile(connection))
    this.#current = statement
    statement.start((outcome) => done(outcome.ok ? this.#read(outcome.value) : outcome))
  }

  #read(result: BufferedResult<Row>): Outcome<A> {
    try {
      return { ok: true, value: this.#query.read(result) }
    } catch (error) {
      return { ok: false, error }
    }
  }
}
