/** The common part of the SQLite suites: one file made beforehand, and a subject that opens a copy of it for each case. */
import { join } from "node:path"
import type { Item } from "../../subjects/items.ts"
import { copyFile, makeFile } from "../../subjects/sqlite/file.ts"
import { openerOf } from "../../subjects/sqlite/index.ts"
import type { SqliteFile, SqliteSubject } from "../../subjects/sqlite/subject.ts"
import { CannotTakePart, type Context, type Entered, type Part, type Prepared } from "../../suite.ts"

/** The least that every SQLite suite's `prepare` gives. */
export interface SqliteData {
  readonly path: string
}

export const prepareFile = async (folder: string): Promise<Prepared> => {
  const path = join(folder, "items.db")
  makeFile(path)
  const data: SqliteData = { path }
  return { data, release: async () => undefined }
}

/** A subject with its file, in one case. */
export interface Opened {
  readonly subject: SqliteSubject
  readonly file: SqliteFile
}

/**
 * @param synchronousOf the durability that a case asks for.
 * @param partOf the operation of a case on the subject.
 */
export const enterSqlite =
  (
    synchronousOf: (caseName: string) => SqliteFile["synchronous"],
    partOf: (caseName: string, opened: Opened, context: Context) => Part,
  ) =>
  async (entrant: string, context: Context): Promise<Entered> => {
    const open = await openerOf(entrant)
    let last: SqliteSubject | undefined
    const closeLast = async () => {
      const closing = last
      last = undefined
      await closing?.close()
    }
    return {
      open: async (name) => {
        await closeLast()
        const file = {
          path: copyFile((context.data as SqliteData).path, context.folder, name),
          synchronous: synchronousOf(name),
        }
        last = await open(file)
        return partOf(name, { subject: last, file }, context)
      },
      close: closeLast,
    }
  }

/** Keeps a subject that takes one operation at a time out of cases with more. */
export const declineConcurrency = ({ oneAtATime }: SqliteSubject, inFlight: number): void => {
  if (oneAtATime !== undefined && inFlight > 1) throw new CannotTakePart(oneAtATime)
}

/** SQLite's numbers for its levels of durability. */
const levels = { NORMAL: 1, FULL: 2 }

/** The difference between a subject's connection and what the case asks, if there is one. */
export const inspectSettings = async ({ subject, file }: Opened): Promise<string | undefined> => {
  const synchronous = Number(await subject.pragma("synchronous"))
  if (synchronous !== levels[file.synchronous])
    return `its synchronous setting is ${synchronous} where ${levels[file.synchronous]} was asked for`
  const journal = await subject.pragma("journal_mode")
  return journal === "wal" ? undefined : `its journal mode is ${journal} where wal was asked for`
}

/** For the check of one row: as plain data, unless it is missing. */
export const plainRow =
  ({ plain = (row) => row }: SqliteSubject) =>
  (row: Item | null | undefined): unknown =>
    row === null || row === undefined ? row : plain(row)

/** For the check of many rows. */
export const plainRows =
  ({ plain = (row) => row }: SqliteSubject) =>
  (rows: ReadonlyArray<Item>): unknown =>
    rows.map(plain)
