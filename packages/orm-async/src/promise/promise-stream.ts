import { closeInBackground, type RowSource } from "../connection/row-cursor.ts"
import type { CallOptions } from "./promise-style.ts"
import { type CallContext, runProcedure } from "./run-call.ts"

/** Rows that come bit by bit, to be iterated as often as wanted: each iteration sends the statement anew. */
export class RowStream<Row> implements AsyncIterable<Row> {
  readonly #context: CallContext
  readonly #make: () => RowSource<Row>
  readonly #options: CallOptions | undefined

  /** @param make gives a fresh source for each iteration, or throws why there is none */
  constructor(context: CallContext, make: () => RowSource<Row>, options: CallOptions | undefined) {
    this.#context = context
    this.#make = make
    this.#options = options
  }

  [Symbol.asyncIterator](): AsyncIterator<Row, undefined> {
    return new RowIterator(this.#context, this.#make, this.#options)
  }
}

class RowIterator<Row> implements AsyncIterator<Row, undefined> {
  readonly #context: CallContext
  readonly #make: () => RowSource<Row>
  readonly #options: CallOptions | undefined
  #source: RowSource<Row> | undefined
  #rows: ReadonlyArray<Row> = []
  #at = 0
  #ended = false
  /** The call before this one: calls that are made at once follow each other. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(context: CallContext, make: () => RowSource<Row>, options: CallOptions | undefined) {
    this.#context = context
    this.#make = make
    this.#options = options
  }

  next(): Promise<IteratorResult<Row, undefined>> {
    if (this.#at < this.#rows.length && !this.#isAborted) {
      return Promise.resolve({ done: false, value: this.#rows[this.#at++] as Row })
    }
    return this.#inTurn(() => this.#next())
  }

  return(): Promise<IteratorResult<Row, undefined>> {
    return this.#inTurn(async () => {
      await this.#close()
      return over
    })
  }

  get #isAborted(): boolean {
    return this.#options?.signal?.aborted === true
  }

  #inTurn<A>(run: () => Promise<A>): Promise<A> {
    const turn = this.#last.then(run)
    this.#last = turn.catch(() => undefined)
    return turn
  }

  async #next(): Promise<IteratorResult<Row, undefined>> {
    if (this.#ended) return over
    try {
      if (this.#at >= this.#rows.length || this.#isAborted) await this.#fetch()
    } catch (error) {
      this.#abandon()
      throw error
    }
    if (this.#rows.length > 0) return { done: false, value: this.#rows[this.#at++] as Row }
    await this.#close()
    return over
  }

  async #fetch(): Promise<void> {
    if (this.#source === undefined) {
      const source = this.#make()
      this.#source = source
      await runProcedure(this.#context, () => source.open(), this.#options)
    }
    const source = this.#source
    this.#at = 0
    this.#rows = await runProcedure(this.#context, () => source.next(), this.#options)
  }

  /** Frees the cursor without waiting for a statement that was left. */
  #abandon(): void {
    this.#ended = true
    this.#rows = []
    if (this.#source !== undefined) closeInBackground(this.#source, this.#context.log)
  }

  async #close(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    this.#rows = []
    const source = this.#source
    // Not a call of the block: the cursor is freed even when the block was interrupted.
    if (source !== undefined) await runProcedure({ log: this.#context.log }, () => source.close())
  }
}

const over: IteratorReturnResult<undefined> = { done: true, value: undefined }
