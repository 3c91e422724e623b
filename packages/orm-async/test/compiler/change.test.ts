import { describe, expect, test } from "vitest"
import {
  add,
  bindparam,
  compile,
  deleteFrom,
  eq,
  exists,
  gt,
  insert,
  integer,
  lower,
  postgresqlDialect,
  select,
  sql,
  sqliteDialect,
  table,
  text,
  timestamp,
  update,
} from "../../src/index.ts"
import { posts, users } from "../schema/sample.ts"
import { postgresql, sqlite, thrownBy } from "./sql.ts"

const ann = { email: "a@x", name: "ann" }

describe("INSERT of rows", () => {
  test("rows that give the same columns are one statement with many sets, in order", () => {
    const { steps } = compile(insert(users).values([ann, { name: "bo", email: "b@x" }]), postgresqlDialect)
    expect(steps).toEqual([
      {
        sql: `INSERT INTO "users" ("email", "name") VALUES ($1, $2)`,
        parameterSets: [
          ["a@x", "ann"],
          ["b@x", "bo"],
        ],
      },
    ])
  })

  test("a value that one row has and another lacks is lost for neither, and the order is kept", () => {
    const rows = [
      ann,
      { ...ann, nick: "n" },
      { ...ann, nick: undefined },
      ann,
      { ...ann, name: lower(sql<string>`${"B"}`) },
    ]
    const { steps } = compile(insert(users).values(rows), sqliteDialect)
    expect(steps).toEqual([
      { sql: `INSERT INTO "users" ("email", "name") VALUES (?, ?)`, parameters: ["a@x", "ann"] },
      { sql: `INSERT INTO "users" ("email", "name", "nick") VALUES (?, ?, ?)`, parameters: ["a@x", "ann", "n"] },
      {
        sql: `INSERT INTO "users" ("email", "name") VALUES (?, ?)`,
        parameterSets: [
          ["a@x", "ann"],
          ["a@x", "ann"],
        ],
      },
      { sql: `INSERT INTO "users" ("email", "name") VALUES (?, lower(?))`, parameters: ["a@x", "B"] },
    ])
  })

  test("client-side defaults are filled in for each row", () => {
    let next = 0
    const counted = table("counted", {
      id: integer()
        .primaryKey()
        .default(() => ++next),
      at: text().default(sql<string>`upper(${"x"})`),
      n: integer().default(7),
    })
    const { steps } = compile(insert(counted).values([{}, { n: 1, at: "y" }, { at: "z" }]), sqliteDialect)
    expect(steps).toEqual([
      { sql: `INSERT INTO "counted" ("id", "at", "n") VALUES (?, upper(?), ?)`, parameters: [1, "x", 7] },
      {
        sql: `INSERT INTO "counted" ("id", "at", "n") VALUES (?, ?, ?)`,
        parameterSets: [
          [2, "y", 1],
          [3, "z", 7],
        ],
      },
    ])
  })

  test("a row without any value gets all defaults of the database", () => {
    const empty = table("empty", { id: integer().primaryKey() })
    expect(sqlite(insert(empty).values({}))).toEqual([`INSERT INTO "empty" DEFAULT VALUES`, []])
  })

  test("rows may come with the execution", () => {
    const { steps } = compile(insert(users), sqliteDialect, { parameters: [ann, { name: "bo", email: "b@x" }] })
    expect(steps).toEqual([
      {
        sql: `INSERT INTO "users" ("email", "name") VALUES (?, ?)`,
        parameterSets: [
          ["a@x", "ann"],
          ["b@x", "bo"],
        ],
      },
    ])
  })

  test("named values run once for each set", () => {
    const statement = insert(users).values({ email: bindparam<string>("e"), name: "fixed" })
    const { steps } = compile(statement, postgresqlDialect, { parameters: [{ e: "a" }, { e: "b" }] })
    expect(steps).toEqual([
      {
        sql: `INSERT INTO "users" ("email", "name") VALUES ($1, $2)`,
        parameterSets: [
          ["a", "fixed"],
          ["b", "fixed"],
        ],
      },
    ])
    expect(thrownBy(() => compile(statement, postgresqlDialect)).message).toContain('"e"')
    expect(thrownBy(() => sqlite(statement, { e: 5 })).message).toContain("users.email")
  })

  test.each([
    ["a required column left out", { email: "a" }, "StatementError", 'Row 1 of insert(users) has no value for "name"'],
    ["a key that is no column", { ...ann, nmae: "x" }, "StatementError", 'Did you mean "name"'],
    [
      "a key that is the database's name",
      { ...ann, joined_at: new Date() },
      "StatementError",
      'Did you mean "joinedAt"',
    ],
    [
      "a value of the wrong type",
      { ...ann, name: 5 },
      "StatementError",
      "users.name (row 1) cannot be sent: expected a string, got the number 5",
    ],
    ["NaN for an integer", { ...ann, id: Number.NaN }, "StatementError", "the number NaN"],
    ["a fraction for an integer", { ...ann, id: 1.5 }, "StatementError", "the number 1.5"],
    ["an invalid date", { ...ann, joinedAt: new Date("never") }, "StatementError", "an invalid Date"],
    [
      "a year that sorts wrongly as text",
      { ...ann, joinedAt: new Date(Date.UTC(12000, 0)) },
      "StatementError",
      "the year 12000",
    ],
    ["no object", null, "ArgumentError", "Row 1 of insert(users) must be an object; got null"],
  ])("%s is an error that says where", (_, row, tag, message) => {
    const error = thrownBy(() => sqlite(insert(users).values([ann, row as never])))
    expect(error._tag).toBe(tag)
    expect(error.message).toContain(message)
  })

  test("an empty list of rows is an error", () => {
    expect(thrownBy(() => insert(users).values([]))._tag).toBe("ArgumentError")
  })
})

describe("INSERT from a query and on conflict", () => {
  test("the query's columns fill the named ones", () => {
    const statement = insert(users).fromSelect(
      ["email", users.c.name],
      select({ a: posts.c.title, b: posts.c.title }).where(eq(posts.c.id, 1)),
    )
    expect(postgresql(statement)).toEqual([
      `INSERT INTO "users" ("email", "name") SELECT "posts"."title" AS "a", "posts"."title" AS "b" FROM "posts" WHERE "posts"."id" = $1`,
      [1],
    ])
    expect(thrownBy(() => insert(users).fromSelect(["email"], select(posts)))._tag).toBe("ArgumentError")
  })

  test("a conflict changes the row that is there, for every row of a batch", () => {
    const statement = insert(users)
      .values([ann, { name: "bo", email: "b@x" }])
      .onConflictDoUpdate({
        target: users.c.email,
        set: (excluded) => ({ name: excluded.name, nick: "again" }),
        where: gt(users.c.id, 5),
      })
      .returning(users.c.id)
    const { steps } = compile(statement, postgresqlDialect)
    expect(steps).toEqual([
      {
        sql: `INSERT INTO "users" ("email", "name") VALUES ($1, $2) ON CONFLICT ("email") DO UPDATE SET "name" = "excluded"."name", "nick" = $3 WHERE "users"."id" > $4 RETURNING "users"."id"`,
        parameterSets: [
          ["a@x", "ann", "again", 5],
          ["b@x", "bo", "again", 5],
        ],
      },
    ])
  })

  test("a conflict may be passed over", () => {
    expect(sqlite(insert(users).values(ann).onConflictDoNothing())?.[0]).toContain(" ON CONFLICT DO NOTHING")
    const named = insert(users)
      .values(ann)
      .onConflictDoNothing({ target: { constraint: "uq" } })
    expect(postgresql(named)?.[0]).toContain(` ON CONFLICT ON CONSTRAINT "uq" DO NOTHING`)
    expect(thrownBy(() => sqlite(named))._tag).toBe("CompileError")
  })
})

describe("UPDATE and DELETE", () => {
  test("values, conditions and RETURNING", () => {
    const statement = update(users)
      .set({ nick: null, name: lower(users.c.name) })
      .where(eq(users.c.id, 1))
      .returning(users.c.joinedAt)
    const sql = `UPDATE "users" SET "nick" = NULL, "name" = lower("users"."name") WHERE "users"."id" = ? RETURNING "joined_at" AS "joinedAt"`
    expect(sqlite(statement)).toEqual([sql, [1]])
    expect(compile(statement, sqliteDialect)).toMatchObject({ isWrite: true, returnsRows: true, keys: ["joinedAt"] })
  })

  test("without conditions every row is meant", () => {
    expect(sqlite(update(users).set({ name: "x" }))).toEqual([`UPDATE "users" SET "name" = ?`, ["x"]])
    expect(sqlite(deleteFrom(users))).toEqual([`DELETE FROM "users"`, []])
  })

  test("columns of another table join it", () => {
    const where = [eq(posts.c.userId, users.c.id), eq(users.c.name, "x")]
    expect(
      sqlite(
        update(posts)
          .set({ title: users.c.name })
          .where(...where),
      )?.[0],
    ).toBe(
      `UPDATE "posts" SET "title" = "users"."name" FROM "users" WHERE "posts"."user_id" = "users"."id" AND "users"."name" = ?`,
    )
    expect(postgresql(deleteFrom(posts).where(...where))?.[0]).toBe(
      `DELETE FROM "posts" USING "users" WHERE "posts"."user_id" = "users"."id" AND "users"."name" = $1`,
    )
    expect(thrownBy(() => sqlite(deleteFrom(posts).where(...where)))._tag).toBe("CompileError")
    const portable = deleteFrom(posts).where(exists(select(users.c.id).where(...where)))
    expect(sqlite(portable)?.[0]).toBe(
      `DELETE FROM "posts" WHERE EXISTS (SELECT "users"."id" FROM "users" WHERE "posts"."user_id" = "users"."id" AND "users"."name" = ?)`,
    )
  })

  test("a column that updates itself does so unless it is set", () => {
    const notes = table("notes", {
      id: integer().primaryKey(),
      text: text(),
      changed: timestamp().onUpdate(() => new Date(0)),
    })
    expect(sqlite(update(notes).set({ text: "x" }))).toEqual([
      `UPDATE "notes" SET "text" = ?, "changed" = ?`,
      ["x", "1970-01-01 00:00:00.000"],
    ])
    expect(sqlite(update(notes).set({ text: "x", changed: new Date(1000) }))?.[1]).toEqual([
      "x",
      "1970-01-01 00:00:01.000",
    ])
  })

  test("setting nothing, or what is no column, is an error", () => {
    expect(thrownBy(() => sqlite(update(users).set({ nick: undefined })))._tag).toBe("InvalidRequestError")
    expect(thrownBy(() => update(users).set({ nmae: "x" } as never)).message).toContain('Did you mean "name"')
  })

  test("one prepared statement serves many sets of named values", () => {
    const statement = update(users)
      .set({ name: bindparam<string>("newName") })
      .where(eq(users.c.id, bindparam<number>("key")))
    const { steps } = compile(statement, sqliteDialect, {
      parameters: [
        { newName: "a", key: 1 },
        { newName: "b", key: 2 },
      ],
    })
    expect(steps).toEqual([
      {
        sql: `UPDATE "users" SET "name" = ? WHERE "users"."id" = ?`,
        parameterSets: [
          ["a", 1],
          ["b", 2],
        ],
      },
    ])
    const typo = thrownBy(() => compile(statement, sqliteDialect, { parameters: { newName: "a", kye: 1 } }))
    expect(typo.message).toContain('did you mean "key"')
  })

  test("a counter is raised by the database", () => {
    expect(sqlite(update(posts).set({ price: add(posts.c.price, "0.1"), userId: add(posts.c.userId, 1) }))).toEqual([
      `UPDATE "posts" SET "price" = "posts"."price" + ?, "user_id" = "posts"."user_id" + ?`,
      [0.1, 1],
    ])
  })

  test("a decimal must fit where it is stored, not where it is compared", () => {
    expect(thrownBy(() => postgresql(update(posts).set({ price: "1.005" }))).message).toContain(
      "does not fit in numeric(10, 2)",
    )
    expect(postgresql(update(posts).set({ price: "1.5" }).where(gt(posts.c.price, "1.005")))?.[1]).toEqual([
      "1.50",
      "1.005",
    ])
    expect(sqlite(update(posts).set({ price: "1.50" }).where(gt(posts.c.price, "1.005")))?.[1]).toEqual([1.5, 1.005])
  })
})
