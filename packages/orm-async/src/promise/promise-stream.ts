import { closeInBackground, type RowSource } from "../connection/row-cursor.ts"
import { placeAgain } from "../errors/caller-stack.ts"
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
  /** A call is under way; others wait behind it. */
  #busy = false
  readonly #waiting: Array<() => void> = []

  constructor(context: CallContext, make: () => RowSource<Row>, options: CallOptions | undefined) {
    this.#context = context
    this.#make = make
    this.#options = options
  }

  next(): Promise<IteratorResult<Row, undefined>> {
    if (this.#at < this.#rows.length && !this.#isAborted) {
      return Promise.resolve({ done: false, value: this.#rows[this.#at++] as Row })
    }
    return this.#busy ? this.#turn().then(() => this.next()) : this.#next()
  }

  return(): Promise<IteratorResult<Row, undefined>> {
    return this.#busy ? this.#turn().then(() => this.return()) : this.#return()
  }

  get #isAborted(): boolean {
    return this.#options?.signal?.aborted === true
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #free(): void {
    this.#busy = false
    this.#waiting.shift()?.()
  }

  // The very function that the program awaits, so that an error can tell who that is.
  async #next(): Promise<IteratorResult<Row, undefined>> {
    this.#busy = true
    try {
      if (this.#ended) return over
      if (this.#at >= this.#rows.length || this.#isAborted) await this.#fetch()
      if (this.#rows.length > 0) return { done: false, value: this.#rows[this.#at++] as Row }
      await this.#close()
      return over
    } catch (error) {
      this.#abandon()
      // A reason is its caller's own.
      throw error === this.#options?.signal?.reason ? error : placeAgain(error, new Error())
    } finally {
      this.#free()
    }
  }

  async #return(): Promise<IteratorResult<Row, undefined>> {
    this.#busy = true
    try {
      await this.#close()
      return over
    } finally {
      this.#free()
    }
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
    if (this.#ended) return
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
