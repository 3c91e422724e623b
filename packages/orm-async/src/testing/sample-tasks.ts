/** Functions that tests run beside a connection; they run on another thread where the driver has one. */
import { insert, select, textClause } from "../statement/index.ts"
import type { Connection } from "../sync/sync-connection.ts"
import type { Session } from "../sync/sync-session.ts"
import { City, Country } from "./sample-entities.ts"
import { authors } from "./sample-tables.ts"

export const addAuthor = (conn: Connection, name: string): number => {
  const result = conn.execute(insert(authors).values({ name }).returning(authors.c.id))
  return result.scalarOne()
}

export const authorNames = (conn: Connection): ReadonlyArray<string> =>
  conn.scalars(select(authors.c.name).orderBy(authors.c.name)).all()

export const addAndThrow = (conn: Connection): void => {
  conn.execute(insert(authors).values({ name: "lost" }))
  throw new RangeError("mine")
}

export const addTwice = (conn: Connection): void => {
  conn.execute(insert(authors).values({ name: "same" }))
  conn.execute(insert(authors).values({ name: "same" }))
}

/** Takes back one of two inserts. */
export const addNested = (conn: Connection): ReadonlyArray<string> => {
  conn.execute(insert(authors).values({ name: "kept" }))
  try {
    conn.beginNested(() => {
      conn.execute(insert(authors).values({ name: "taken back" }))
      throw new Error("inside")
    })
  } catch (error) {
    if ((error as Error).message !== "inside") throw error
  }
  return authorNames(conn)
}

export const leaveSavepointOpen = (conn: Connection): void => {
  conn.beginNestedTransaction()
  conn.execute(insert(authors).values({ name: "half" }))
}

export const addAndCommit = (conn: Connection): void => {
  conn.execute(insert(authors).values({ name: "committed" }))
  conn.commit()
}

export const addAndRollBack = (conn: Connection): void => {
  conn.execute(insert(authors).values({ name: "rolled back" }))
  conn.rollback()
}

export const streamNames = (conn: Connection): ReadonlyArray<string> => {
  const names: Array<string> = []
  const rows = conn.stream(select(authors).orderBy(authors.c.name), undefined, { executionOptions: { yieldPer: 2 } })
  for (const { name } of rows) names.push(name)
  return names
}

export const endByText = (conn: Connection): void => {
  conn.execute(insert(authors).values({ name: "ended" }))
  conn.execute(textClause("ROLLBACK"))
}

export const countLater = async (conn: Connection): Promise<number> => authorNames(conn).length

export const closeIt = (conn: Connection): void => conn.close()

export const add = (_conn: Connection, ...numbers: ReadonlyArray<number>): number =>
  numbers.reduce((sum, number) => sum + number, 0)

/** Renames a city by the unit of work, and adds another to its country. */
export const renameCity = (session: Session, id: number, name: string): ReadonlyArray<string> => {
  const city = session.getOne(City, id)
  city.name = name
  session.add(new City({ name: `${name} II`, country: session.getOne(Country, city.countryCode) }))
  return session.scalars(select(City.c.name).orderBy(City.c.name)).all()
}

export const breakSession = (session: Session): void => {
  session.add(new Country({ code: "NO", name: "again" }))
  session.flush()
}

export const endTransaction = (session: Session): void => {
  session.connection().rollback()
}

export const giveFunction = (conn: Connection): unknown => {
  conn.execute(insert(authors).values({ name: "unseen" }))
  return () => 1
}
