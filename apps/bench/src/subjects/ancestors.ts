/** SQLAlchemy's ways of being asked from a loop: a Python program for each, beside a subject's own process. */
import { type Python, program } from "../ancestors.ts"
import { differenceBetween } from "../measure/answer.ts"
import type { Entrant } from "../model.ts"
import { type LineProgram, startLineProgram } from "../process/lines.ts"
import { CannotTakePart, type Context, type Entered, type Part } from "../suite.ts"
import { copyFile } from "./sqlite/file.ts"

const kinds: ReadonlyMap<string, string> = new Map([
  ["SQLAlchemy asyncio", "asyncio"],
  ["SQLAlchemy through anyio", "anyio"],
  ["SQLAlchemy on the loop", "sync"],
])

export const ancestorEntrants: ReadonlyArray<Entrant> = Array.from(kinds.keys(), (name) => ({
  name,
  ours: false,
  peers: [],
}))

export const isAncestor = (entrant: string): boolean => kinds.has(entrant)

/** As many as ours has for a file. */
const connections = 5

/** What the `prepare` of a suite that ancestors take part in gives, at least. */
export interface AncestorData {
  readonly path: string
  readonly python: Python
}

export const enterAncestor = (
  entrant: string,
  { data, folder }: Context,
  partOf: (caseName: string, ancestor: LineProgram) => Part,
): Entered => {
  const { path, python } = data as AncestorData
  if ("missing" in python) throw new CannotTakePart(python.missing)
  const ancestor = startLineProgram(python.command, [
    program,
    kinds.get(entrant)!,
    copyFile(path, folder, "ancestor"),
    String(connections),
  ])
  return {
    open: async (name) => partOf(name, ancestor),
    close: async () => {
      await ancestor.ask({ do: "close" })
      await ancestor.close()
    },
  }
}

/** What one operation asks the database for. */
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
