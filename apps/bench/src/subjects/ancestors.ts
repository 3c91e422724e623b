/** SQLAlchemy's ways of being asked from a loop: a Python program for each, beside a subject's own process. */
import { type Python, program } from "../ancestors.ts"
import { differenceBetween } from "../measure/answer.ts"
import type { Entrant } from "../model.ts"
import { type LineProgram, startLineProgram } from "../process/lines.ts"
import { CannotTakePart, type Context, type Entered, type Part } from "../suite.ts"
import { copyFile } from "./sqlite/file.ts"

/** Blocks the loop, as nobody would who asks from one. */
export const onLoop = "SQLAlchemy on the loop"

const kinds: ReadonlyMap<string, string> = new Map([
  ["SQLAlchemy asyncio", "asyncio"],
  ["SQLAlchemy through anyio", "anyio"],
  [onLoop, "sync"],
])

export const ancestorEntrants: ReadonlyArray<Entrant> = Array.from(kinds.keys(), (name) => ({
  name,
  ours: false,
  peers: [],
}))

export const isAncestor = (entrant: string): boolean => kinds.has(entrant)

/** As many as ours has for a file. */
const connections = 5

/** The least that the `prepare` of a suite gives in which ancestors take part. */
export interface AncestorData {
  readonly path: string
  readonly python: Python
}

/** The command of the Python that `prepare` found. Throws {@link CannotTakePart} where there is none. */
export const pythonOf = ({ data }: Context): string => {
  const { python } = data as AncestorData
  if ("missing" in python) throw new CannotTakePart(python.missing)
  return python.command
}

/** @param path a file of the subject's own. */
const startAncestor = (entrant: string, context: Context, path: string): LineProgram =>
  startLineProgram(pythonOf(context), [program, kinds.get(entrant)!, path, String(connections)])

const closeAncestor = async (ancestor: LineProgram): Promise<void> => {
  await ancestor.ask({ do: "close" })
  await ancestor.close()
}

export const enterAncestor = (
  entrant: string,
  context: Context,
  partOf: (caseName: string, ancestor: LineProgram) => Part,
): Entered => {
  const { path } = context.data as AncestorData
  const ancestor = startAncestor(entrant, context, copyFile(path, context.folder, "ancestor"))
  return {
    open: async (name) => partOf(name, ancestor),
    close: () => closeAncestor(ancestor),
  }
}

/** The query of one operation. */
export type AncestorQuery =
  /** The first `rows` items, or where that is 1 the item that the index of the operation leads to in a table so large. */
  | { readonly rows: number; readonly table: number }
  /** The number that `heavySql` computes. */
  | { readonly limit: number }

/** Opens the query as the case's, and tells how the answers to it with as many at once differ from what is expected. */
export const checkAncestor = async (
  ancestor: LineProgram,
  query: AncestorQuery,
  inFlight: number,
  expected: (index: number) => unknown,
): Promise<string | undefined> => {
  await ancestor.ask({ do: "open", inFlight, ...query })
  const indexes = Array.from({ length: inFlight }, (_, index) => index)
  return differenceBetween(indexes.map(expected), await ancestor.ask({ do: "answers", indexes }))
}

export interface ColdQuery {
  readonly count: number
  readonly inFlight: number
  readonly table: number
  readonly expected: (index: number) => unknown
}

export interface ColdAnswer {
  readonly waits: ReadonlyArray<number>
  readonly totalMs: number
  readonly difference: string | undefined
}

/** The first point selects of a Python process that ends afterwards: see `firstOperations` for what is timed. */
export const coldAncestor = async (
  entrant: string,
  context: Context,
  path: string,
  { count, inFlight, table, expected }: ColdQuery,
): Promise<ColdAnswer> => {
  const ancestor = startAncestor(entrant, context, path)
  try {
    await ancestor.ask({ do: "open", inFlight, rows: 1, table })
    const { answers, waits, totalMs } = await ancestor.ask<
      Pick<ColdAnswer, "waits" | "totalMs"> & { readonly answers: ReadonlyArray<unknown> }
    >({ do: "first", count })
    const wanted = Array.from({ length: count }, (_, index) => [expected(index)])
    return { waits, totalMs, difference: differenceBetween(wanted, answers) }
  } finally {
    await closeAncestor(ancestor)
  }
}
