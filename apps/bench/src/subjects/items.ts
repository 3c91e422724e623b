/** The table that the SQLite and PostgreSQL suites read: what is in it can be told without a database. */

export interface Item {
  readonly id: number
  readonly name: string
  readonly email: string
  readonly score: number
  readonly age: number
}

export const itemCount = 10_000

/** Ids are 1 to {@link itemCount}. */
export const item = (id: number): Item => ({
  id,
  name: `Person Number ${id}`,
  email: `person.number.${id}@example.org`,
  // Halves and eighths survive every way of storing a number.
  score: (id * 37) / 8 + 0.125,
  age: 18 + (id % 70),
})

export const items = (count: number): ReadonlyArray<Item> =>
  Array.from({ length: count }, (_, index) => item(index + 1))

/** Walks over the whole table without an order that a cache could like. */
export const idAt = (index: number): number => ((index * 7919) % itemCount) + 1

export const columns = ["id", "name", "email", "score", "age"] as const

export const columnList = columns.join(", ")

export const selectById = `SELECT ${columnList} FROM items WHERE id = ?`

export const selectFirst = `SELECT ${columnList} FROM items ORDER BY id LIMIT ?`

/** A row as it is written: the id is the database's. */
export type NewItem = Omit<Item, "id">

export const newItem = (index: number): NewItem => {
  const { name, email, score, age } = item(index + 1)
  return { name, email, score, age }
}

export const insertWritten = "INSERT INTO written (name, email, score, age) VALUES (?, ?, ?, ?)"

export const valuesOf = ({ name, email, score, age }: NewItem): [string, string, number, number] => [
  name,
  email,
  score,
  age,
]

/** Keeps one processor busy inside the database for as long as `limit` says. */
export const heavySql = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
SELECT sum(i % 7) AS total FROM n`

export const heavyTotal = (limit: number): number => {
  let total = Math.floor(limit / 7) * 21
  for (let i = limit - (limit % 7) + 1; i <= limit; i++) total += i % 7
  return total
}
