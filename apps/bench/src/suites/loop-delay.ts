import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { setTimeout as sleep } from "node:timers/promises"
import { findPython } from "../ancestors.ts"
import { differenceBetween } from "../measure/answer.ts"
import { delaysOf, tickMs, watchLoop } from "../measure/loop-delay.ts"
import { drive, type Operation } from "../measure/operation.ts"
import type { Case } from "../model.ts"
import type { LineProgram } from "../process/lines.ts"
import {
  type AncestorData,
  type AncestorQuery,
  ancestorEntrants,
  checkAncestor,
  enterAncestor,
  isAncestor,
  onLoop,
} from "../subjects/ancestors.ts"
import { heavySql, heavyTotal, type Item, itemCount, items } from "../subjects/items.ts"
import { makeFile } from "../subjects/sqlite/file.ts"
import { entrantsBeside } from "../subjects/sqlite/index.ts"
import type { SqliteSubject } from "../subjects/sqlite/subject.ts"
import type { Context, Part, Suite } from "../suite.ts"
import { enterSqlite, plainRows } from "./sqlite/entry.ts"

interface Data extends AncestorData {
  /** The count of numbers that the aggregate adds up, so that it takes a second on this machine. */
  readonly limit: number
}

const aggregate = "a 1 s aggregate"
const load = "a 10,000-row load"
const rowCount = 10_000

const delayCase = (name: string, about: string): Case => ({ name, about, unit: "ms", better: "less", compare: "p99" })

/** Finds out how much work a second is. */
const calibrate = (path: string): number => {
  const database = new DatabaseSync(path, { readOnly: true })
  const heavy = database.prepare(heavySql)
  const probe = 200_000
  heavy.get(probe)
  const before = performance.now()
  heavy.get(probe)
  const elapsed = performance.now() - before
  database.close()
  return Math.round((probe * 1000) / elapsed)
}

/** Time for the loop to tick before and after the work: what is felt includes the edges. */
const edgeMs = 5

const partOf = (operation: Operation<unknown>, difference: (answer: unknown) => string | undefined): Part => ({
  check: async () => difference(await operation.run(0)),
  warmUp: async () => undefined,
  round: async () => {
    const loop = watchLoop()
    await sleep(edgeMs)
    await drive(operation, 0, 1, 1)
    await sleep(edgeMs)
    return loop.stop()
  },
  finish: async () => ({ operationsPerSample: 1 }),
})

const aggregatePart = (subject: SqliteSubject, limit: number): Part =>
  partOf(subject.heavy(limit), (answer) => differenceBetween(heavyTotal(limit), answer))

const loadPart = (subject: SqliteSubject): Part =>
  partOf(subject.first(rowCount), (answer) =>
    differenceBetween(items(rowCount), plainRows(subject)(answer as ReadonlyArray<Item>)),
  )

/** A quarter of a second tells the same, four times as soon. */
const limitOf = ({ data, quick }: Context): number => Math.round((data as Data).limit / (quick ? 4 : 1))

const enterRuntime = enterSqlite(
  () => "NORMAL",
  (name, { subject }, context) => (name === aggregate ? aggregatePart(subject, limitOf(context)) : loadPart(subject)),
)

/** The same on Python's loop: it tells the gaps between its ticks, and what they mean is reckoned here for all. */
const ancestorPart = (ancestor: LineProgram, query: AncestorQuery, expected: unknown): Part => ({
  check: () => checkAncestor(ancestor, query, 1, () => expected),
  warmUp: async () => undefined,
  round: async () => {
    const gaps = await ancestor.ask<ReadonlyArray<number>>({ do: "gaps", tickMs, edgeMs })
    return gaps.flatMap(delaysOf)
  },
  finish: async () => ({ operationsPerSample: 1 }),
})

/** Python on the loop's own thread is left out: that it stands still as long as the query takes, ours inline shows. */
const fromPython = ancestorEntrants.filter((entrant) => entrant.name !== onLoop)

export const loopDelay: Suite = {
  name: "loop-delay",
  about: "how late timers are while a query runs",
  cases: [
    delayCase(aggregate, "delays while SQLite computes for a second (a quarter of one with --quick)"),
    delayCase(load, "delays while 10,000 rows are loaded as objects"),
  ],
  entrants: [...entrantsBeside("engine", "session"), ...fromPython],
  prepare: async (folder) => {
    const path = join(folder, "items.db")
    makeFile(path)
    const python = findPython()
    const data: Data = { path, python, limit: calibrate(path) }
    return { data, ...("versions" in python && { versions: python.versions }), release: async () => undefined }
  },
  enter: async (entrant, context) => {
    if (!isAncestor(entrant)) return enterRuntime(entrant, context)
    const limit = limitOf(context)
    return enterAncestor(entrant, context, (name, ancestor) =>
      name === aggregate
        ? ancestorPart(ancestor, { limit }, heavyTotal(limit))
        : ancestorPart(ancestor, { rows: rowCount, table: itemCount }, items(rowCount)),
    )
  },
  pace: (quick) => ({ rounds: quick ? 2 : 3, roundMs: 0, warmUpLimitMs: 0, roundTakesMs: quick ? 250 : 600 }),
}
