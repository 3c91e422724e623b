import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  type AnyColumn,
  type AnyTable,
  bigint,
  createTable,
  enumOf,
  foreignKey,
  integer,
  metadata,
  numeric,
  primaryKey,
  select,
  sortTables,
  sqliteDialect,
  table,
  text,
  unique,
  varchar,
} from "../../src/index.ts"
import { sqlite, texts, thrownBy } from "../compiler/sql.ts"
import { posts, users } from "./sample.ts"

describe("a table", () => {
  test("knows its columns by the names that rows have, and their names in the database", () => {
    expect(users.columns.map(({ key, name }) => [key, name])).toEqual([
      ["id", "id"],
      ["email", "email"],
      ["name", "name"],
      ["nick", "nick"],
      ["joinedAt", "joined_at"],
    ])
    expect(users.c.joinedAt.from).toBe(users)
    expect(users.primaryKey.columns).toEqual([users.c.id])
  })

  test("counts up only by an integer that is the whole key and refers to nothing", () => {
    const counting = (columns: Parameters<typeof table>[1]) => table("t", columns).autoincrementColumn?.key
    expect(counting({ id: integer().primaryKey() })).toBe("id")
    expect(counting({ id: bigint().primaryKey() })).toBe("id")
    expect(counting({ id: text().primaryKey() })).toBeUndefined()
    expect(counting({ a: integer().primaryKey(), b: integer().primaryKey() })).toBeUndefined()
    expect(counting({ id: integer().primaryKey({ autoincrement: false }) })).toBeUndefined()
    expect(
      counting({
        id: integer()
          .references(() => users.c.id)
          .primaryKey(),
      }),
    ).toBeUndefined()
    expect(counting({ id: integer().primaryKey().default(5) })).toBeUndefined()
  })

  test("resolves its foreign keys by what they refer to", () => {
    expect(posts.foreignKeys).toMatchObject([
      {
        name: "fk_posts_user_id_users",
        columns: [posts.c.userId],
        targets: [users.c.id],
        options: { onDelete: "CASCADE" },
      },
    ])
  })

  test.each<[string, () => unknown, string]>([
    ["no name", () => table("", { id: integer() }), "needs a name"],
    ["no columns", () => table("t", {}), "no columns"],
    [
      "two columns of one name in the database",
      () => table("t", { a: integer("x"), x: integer() }),
      'two columns named "x"',
    ],
    ["a nullable key", () => table("t", { a: integer().primaryKey().nullable() }), "cannot be nullable"],
    ["two keys", () => table("t", { a: integer().primaryKey() }, (t) => [primaryKey(t.a)]), "twice"],
    [
      "a constraint over another table",
      () => table("t", { a: integer() }, () => [unique(users.c.id)]),
      "another table",
    ],
    [
      "a text that counts up",
      () => table("t", { a: text().primaryKey({ autoincrement: true }) }),
      "cannot autoincrement",
    ],
    [
      "a reference to two tables",
      () =>
        table("t", { a: integer(), b: integer() }, (t) => [foreignKey([t.a, t.b], () => [users.c.id, posts.c.id])])
          .foreignKeys,
      "one table",
    ],
    [
      "a reference of another width",
      () => table("t", { a: integer() }, (t) => [foreignKey([t.a], () => [posts.c.id, posts.c.userId])]).foreignKeys,
      "refers to 2",
    ],
    ["an enumeration of nothing", () => enumOf([] as never), "at least one value"],
    ["an enumeration with a value twice", () => enumOf(["a", "a"]), "twice"],
    ["a decimal with more places than digits", () => numeric(2, 3), "more digits after the point"],
    ["a text of no length", () => varchar(0), "at least 1"],
    ["two tables of one name", () => metadata(users, table("users", { id: integer() })), "Two tables are named users"],
  ])("%s is refused", (_, make, message) => {
    const error = thrownBy(make)
    expect(error._tag).toBe("ArgumentError")
    expect(error.message).toContain(message)
  })

  test("declarations are immutable and can be used again", () => {
    const name = text()
    const nullable = name.nullable()
    const [a, b] = [table("a", { name, nullable }), table("b", { name })]
    expect(name.spec.nullable).toBe(false)
    expect(a.c.name).not.toBe(b.c.name)
    expect(a.c.nullable.spec?.nullable).toBe(true)
  })
})

describe("identifiers", () => {
  test("are quoted, whatever they contain", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (tableName, columnName) => {
        const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
        const odd = table(tableName, { c: integer(columnName) })
        expect(sqlite(select(odd.c.c.as("longer than any name")))?.[0]).toBe(
          `SELECT ${quoted(tableName)}.${quoted(columnName)} AS "longer than any name" FROM ${quoted(tableName)}`,
        )
        expect(texts(sqliteDialect, createTable(odd))[0]).toBe(
          `CREATE TABLE ${quoted(tableName)} (\n  ${quoted(columnName)} INTEGER NOT NULL\n)`,
        )
      }),
    )
  })
})

describe("sorting tables", () => {
  test("each comes after those that it refers to, and all are there once", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(20), { maxLength: 3 }), { minLength: 1, maxLength: 12 }), (edges) => {
        const tables: Array<AnyTable> = []
        edges.forEach((targets, i) => {
          const references = Object.fromEntries(
            targets
              .filter((target) => target < i)
              .map((target, n) => [`r${n}`, integer().references((): AnyColumn => tables[target]!.columns[0]!)]),
          )
          tables.push(table(`t${i}`, { id: integer().primaryKey(), ...references }))
        })
        const sorted = sortTables([...tables].reverse())
        expect(new Set(sorted)).toEqual(new Set(tables))
        expect(sorted).toHaveLength(tables.length)
        for (const each of sorted) {
          for (const { target } of each.foreignKeys) expect(sorted.indexOf(target)).toBeLessThan(sorted.indexOf(each))
        }
      }),
    )
  })
})
