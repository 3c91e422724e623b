import type { RowSource } from "../connection/row-cursor.ts"
import type { Log } from "../operation/log.ts"
import { runProcedure } from "./run-call.ts"

/** Rows that come bit by bit, to be iterated as often as wanted: each iteration sends the statement anew. */
export class SyncRowStream<Row> implements Iterable<Row> {
  readonly #log: Log
  readonly #make: () => RowSource<Row>

  /** @param make gives a fresh source for each iteration, or throws why there is none */
  constructor(log: Log, make: () => RowSource<Row>) {
    this.#log = log
    this.#make = make
  }

  *[Symbol.iterator](): Generator<Row, void, undefined> {
    const log = this.#log
    const source = this.#make()
    try {
      runProcedure(log, () => source.open())
      for (;;) {
        const rows = runProcedure(log, () => source.next())
        if (rows.length === 0) return
        yield* rows
      }
    } finally {
      runProcedure(log, () => source.close())
    }
  }
}
