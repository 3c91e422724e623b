import { describe, expect, test } from "vitest"
import {
  alias,
  and,
  asc,
  between,
  bindparam,
  caseWhen,
  cast,
  coalesce,
  compile,
  concat,
  count,
  desc,
  endsWith,
  eq,
  exists,
  func,
  gt,
  ilike,
  inArray,
  integer,
  isNotNull,
  literal,
  lower,
  lt,
  max,
  mul,
  ne,
  not,
  notIn,
  nullsLast,
  or,
  over,
  rowNumber,
  select,
  sql,
  sqliteDialect,
  startsWith,
  sub,
  sum,
  table,
  text,
} from "../../src/index.ts"
import { employees, posts, users } from "../schema/sample.ts"
import { postgresql, sqlite, thrownBy } from "./sql.ts"

const names = select(users.c.name)

describe("conditions", () => {
  test.each([
    ["equality", eq(users.c.name, "ann"), `"users"."name" = ?`, ["ann"]],
    ["equality with null as IS NULL", eq(users.c.nick, null), `"users"."nick" IS NULL`, []],
    ["inequality with null as IS NOT NULL", ne(users.c.nick, null), `"users"."nick" IS NOT NULL`, []],
    ["a column beside a column", eq(users.c.name, users.c.nick), `"users"."name" = "users"."nick"`, []],
    [
      "OR within AND in parentheses",
      and(or(gt(users.c.id, 1), lt(users.c.id, 0)), isNotNull(users.c.nick)),
      `("users"."id" > ? OR "users"."id" < ?) AND "users"."nick" IS NOT NULL`,
      [1, 0],
    ],
    ["no conditions as true", and(), "TRUE", []],
    ["none of no conditions as false", or(), "FALSE", []],
    ["NOT around what it negates", not(eq(users.c.id, 1)), `NOT ("users"."id" = ?)`, [1]],
    ["IN with a placeholder for each value", inArray(users.c.id, [1, 2, 3]), `"users"."id" IN (?, ?, ?)`, [1, 2, 3]],
    ["IN of nothing as false", inArray(users.c.id, []), "FALSE", []],
    ["NOT IN of nothing as true", notIn(users.c.id, []), "TRUE", []],
    ["IN of expressions", inArray(users.c.id, [literal(1), users.c.id]), `"users"."id" IN (?, "users"."id")`, [1]],
    ["BETWEEN", between(users.c.id, 1, 5), `"users"."id" BETWEEN ? AND ?`, [1, 5]],
    [
      "a prefix whose wildcards are escaped",
      startsWith(users.c.name, "5%_/", { autoescape: true }),
      `"users"."name" LIKE ? ESCAPE '/'`,
      ["5/%/_//%"],
    ],
    [
      "a suffix that is an expression",
      endsWith(users.c.name, users.c.nick),
      `"users"."name" LIKE (? || "users"."nick")`,
      ["%"],
    ],
    [
      "arithmetic by precedence of the calls",
      gt(mul(sub(users.c.id, 1), 2), 5),
      `(("users"."id" - ?) * ?) > ?`,
      [1, 2, 5],
    ],
    [
      "SQL of one's own with values as parameters",
      sql<boolean>`${users.c.id} % ${2} = 0 OR 1 = 1`,
      `"users"."id" % ? = 0 OR 1 = 1`,
      [2],
    ],
  ] as const)("writes %s", (_, condition, where, parameters) => {
    expect(sqlite(names.where(condition))).toEqual([`SELECT "users"."name" FROM "users" WHERE ${where}`, parameters])
  })

  test("several conditions are connected by AND, and SQL of one's own is kept together", () => {
    const statement = names.where(sql<boolean>`1 = 1 OR 2 = 2`, or(eq(users.c.id, 1), eq(users.c.id, 2)))
    expect(sqlite(statement)?.[0]).toBe(
      `SELECT "users"."name" FROM "users" WHERE (1 = 1 OR 2 = 2) AND ("users"."id" = ? OR "users"."id" = ?)`,
    )
  })

  test("ILIKE is PostgreSQL's own and lower() on SQLite", () => {
    const statement = names.where(ilike(users.c.name, "A%"))
    expect(sqlite(statement)?.[0]).toContain(`lower("users"."name") LIKE lower(?)`)
    expect(postgresql(statement)?.[0]).toContain(`"users"."name" ILIKE $1`)
  })

  test("a list that comes with the execution may be empty", () => {
    const statement = names.where(inArray(users.c.id, bindparam<ReadonlyArray<number>>("ids")))
    const none = names.where(not(notIn(users.c.id, bindparam<ReadonlyArray<number>>("ids"))))
    expect(postgresql(statement, { ids: [4, 5] })).toEqual([
      `SELECT "users"."name" FROM "users" WHERE ("users"."id" IN ($1, $2))`,
      [4, 5],
    ])
    expect(sqlite(statement, { ids: [] })?.[0]).toContain(`("users"."id" IN (NULL) AND (1 = 0))`)
    expect(sqlite(none, { ids: [] })?.[0]).toContain(`NOT (("users"."id" NOT IN (NULL) OR (1 = 1)))`)
  })

  test("NULL in a list is refused, because no comparison finds it", () => {
    const error = thrownBy(() => inArray(users.c.nick, ["a", null as never]))
    expect(error._tag).toBe("ArgumentError")
    expect(error.message).toContain("Value 1 of an IN list is null")
  })
})

describe("select lists", () => {
  test("a column under another name in the database goes by its key", () => {
    expect(sqlite(select(users.c.joinedAt))?.[0]).toBe(`SELECT "users"."joined_at" AS "joinedAt" FROM "users"`)
  })

  test("two columns of one name are refused with the remedy", () => {
    const error = thrownBy(() => select(users.c.id, posts.c.id))
    expect(error._tag).toBe("InvalidRequestError")
    expect(error.message).toContain('Two selected columns are named "id"')
    expect(error.message).toContain(".as(")
  })

  test("values that stand alone are cast where the database cannot know their type", () => {
    const statement = select({
      a: literal("x"),
      b: caseWhen([[eq(users.c.id, 1), 2]], 3),
      c: concat(users.c.name, "!"),
    })
    expect(postgresql(statement)).toEqual([
      `SELECT CAST($1 AS TEXT) AS "a", CASE WHEN "users"."id" = $2 THEN CAST($3 AS INTEGER) ELSE CAST($4 AS INTEGER) END AS "b", "users"."name" || CAST($5 AS TEXT) AS "c" FROM "users"`,
      ["x", 1, 2, 3, "!"],
    ])
    expect(sqlite(statement)?.[0]).toContain(`SELECT ? AS "a"`)
  })

  test("a number that stands alone is as wide as it must be, and one with a fraction is a double", () => {
    const statement = select({ a: literal(2 ** 31), b: literal(-1), c: literal(1.5), d: literal(5n) })
    expect(postgresql(statement)?.[0]).toBe(
      `SELECT CAST($1 AS BIGINT) AS "a", CAST($2 AS INTEGER) AS "b", CAST($3 AS DOUBLE PRECISION) AS "c", CAST($4 AS BIGINT) AS "d"`,
    )
  })

  test("functions, aggregates with filters, casts and windows", () => {
    const statement = select({
      n: count(posts.c.id, { distinct: true, filter: gt(posts.c.id, 0) }),
      s: func.substr<string>(posts.c.title, 1, 2),
      t: cast(posts.c.id, text()),
      r: over(rowNumber(), {
        partitionBy: [posts.c.userId],
        orderBy: [desc(posts.c.id)],
        rows: ["unbounded", "current"],
      }),
      c: coalesce(posts.c.title, "none"),
    })
    expect(sqlite(statement)?.[0]).toBe(
      `SELECT count(DISTINCT "posts"."id") FILTER (WHERE "posts"."id" > ?) AS "n", substr("posts"."title", ?, ?) AS "s", CAST("posts"."id" AS TEXT) AS "t", row_number() OVER (PARTITION BY "posts"."user_id" ORDER BY "posts"."id" DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS "r", coalesce("posts"."title", ?) AS "c" FROM "posts"`,
    )
  })

  test("ORDER BY takes a selected label by its name, GROUP BY one that has values by its position", () => {
    const label = coalesce(users.c.nick, "none").as("shown")
    expect(
      postgresql(
        select(label, count().as("n"))
          .groupBy(label)
          .orderBy(desc(label), nullsLast(asc("n"))),
      )?.[0],
    ).toBe(
      `SELECT coalesce("users"."nick", $1) AS "shown", count(*) AS "n" FROM "users" GROUP BY 1 ORDER BY "shown" DESC, "n" ASC NULLS LAST`,
    )
  })

  test("GROUP BY an expression with values that is selected means the selected one", () => {
    const shown = coalesce(users.c.nick, "none")
    expect(postgresql(select({ name: users.c.name, shown, n: count() }).groupBy(users.c.name, shown))?.[0]).toBe(
      `SELECT "users"."name", coalesce("users"."nick", $1) AS "shown", count(*) AS "n" FROM "users" GROUP BY "users"."name", 2`,
    )
    const other = coalesce(users.c.nick, "none")
    expect(postgresql(select({ shown, n: count() }).groupBy(other))).toEqual([
      `SELECT coalesce("users"."nick", $1) AS "shown", count(*) AS "n" FROM "users" GROUP BY coalesce("users"."nick", $2)`,
      ["none", "none"],
    ])
  })
})

describe("joins", () => {
  test("the only foreign key gives the condition, from either side", () => {
    const on = `ON "posts"."user_id" = "users"."id"`
    expect(sqlite(select(posts.c.title).join(users))?.[0]).toBe(
      `SELECT "posts"."title" FROM "posts" JOIN "users" ${on}`,
    )
    expect(sqlite(select(users.c.name).leftJoin(posts))?.[0]).toBe(
      `SELECT "users"."name" FROM "users" LEFT JOIN "posts" ${on}`,
    )
  })

  test("no foreign key, or several, is an error that says so", () => {
    const other = table("other", { id: integer().primaryKey() })
    expect(thrownBy(() => sqlite(names.join(other))).message).toContain("No foreign key links other with users")
    const boss = alias(employees, "boss")
    const error = thrownBy(() => sqlite(select(employees.c.name).join(boss)))
    expect(error._tag).toBe("ArgumentError")
    expect(error.message).toContain("2 foreign keys link boss with employees")
  })

  test("a table joins itself under another name", () => {
    const boss = alias(employees, "boss")
    const statement = select(employees.c.name, boss.c.name.as("boss")).leftJoin(
      boss,
      eq(employees.c.managerId, boss.c.id),
    )
    expect(sqlite(statement)?.[0]).toBe(
      `SELECT "employees"."name", "boss"."name" AS "boss" FROM "employees" LEFT JOIN "employees" AS "boss" ON "employees"."manager_id" = "boss"."id"`,
    )
  })

  test("a join belongs to the source that its condition names", () => {
    const statement = select({ e: employees.c.name, p: posts.c.title })
      .from(employees, posts)
      .join(users, eq(users.c.id, posts.c.userId))
    expect(sqlite(statement)?.[0]).toBe(
      `SELECT "employees"."name" AS "e", "posts"."title" AS "p" FROM "employees", "posts" JOIN "users" ON "users"."id" = "posts"."user_id"`,
    )
  })
})

describe("subqueries", () => {
  test("an EXISTS refers to the query around it", () => {
    const statement = names.where(exists(select(posts.c.id).where(eq(posts.c.userId, users.c.id))))
    expect(sqlite(statement)?.[0]).toBe(
      `SELECT "users"."name" FROM "users" WHERE EXISTS (SELECT "posts"."id" FROM "posts" WHERE "posts"."user_id" = "users"."id")`,
    )
  })

  test("a subquery of one table keeps it, though the query around it has it too", () => {
    expect(sqlite(names.where(inArray(users.c.id, select(max(users.c.id).as("last")))))?.[0]).toBe(
      `SELECT "users"."name" FROM "users" WHERE "users"."id" IN (SELECT max("users"."id") AS "last" FROM "users")`,
    )
  })

  test("a subquery whose tables all belong to the query around it is refused with the remedy", () => {
    const inner = select(users.c.id).where(eq(users.c.id, posts.c.userId))
    const error = thrownBy(() => sqlite(select({ u: users.c.id, p: posts.c.id }).where(exists(inner))))
    expect(error._tag).toBe("InvalidRequestError")
    expect(error.message).toContain("alias()")
    expect(sqlite(select({ u: users.c.id, p: posts.c.id }).where(exists(inner.from(users))))?.[0]).toContain(
      `EXISTS (SELECT "users"."id" FROM "users" WHERE "users"."id" = "posts"."user_id")`,
    )
  })

  test("a scalar subquery is a value, and one in IN a list", () => {
    const newest = select(max(posts.c.id).as("newest")).where(eq(posts.c.userId, users.c.id)).scalarSubquery()
    expect(
      sqlite(
        select({ newest })
          .from(users)
          .where(inArray(users.c.id, select(posts.c.userId))),
      )?.[0],
    ).toBe(
      `SELECT (SELECT max("posts"."id") AS "newest" FROM "posts" WHERE "posts"."user_id" = "users"."id") AS "newest" FROM "users" WHERE "users"."id" IN (SELECT "posts"."user_id" AS "userId" FROM "posts")`,
    )
  })

  test("a subquery in FROM has its columns by their keys", () => {
    const perUser = select(posts.c.userId, sum(posts.c.id).as("total")).groupBy(posts.c.userId).subquery("per_user")
    expect(
      sqlite(
        select(users.c.name, perUser.c.total)
          .join(perUser, eq(perUser.c.userId, users.c.id))
          .where(gt(perUser.c.total, 5)),
      ),
    ).toEqual([
      `SELECT "users"."name", "per_user"."total" FROM "users" JOIN (SELECT "posts"."user_id" AS "userId", sum("posts"."id") AS "total" FROM "posts" GROUP BY "posts"."user_id") AS "per_user" ON "per_user"."userId" = "users"."id" WHERE "per_user"."total" > ?`,
      [5],
    ])
  })

  test("a CTE is written once however often it is drawn from, and its values too", () => {
    const young = select(users.c.id, users.c.name).where(gt(users.c.id, 5)).cte("young")
    const statement = select(young.c.name).where(
      inArray(
        young.c.id,
        select(posts.c.userId).join(young, eq(young.c.id, posts.c.userId)).where(eq(posts.c.title, "x")),
      ),
    )
    expect(postgresql(statement)).toEqual([
      `WITH "young" ("id", "name") AS (SELECT "users"."id", "users"."name" FROM "users" WHERE "users"."id" > $1) SELECT "young"."name" FROM "young" WHERE "young"."id" IN (SELECT "posts"."user_id" AS "userId" FROM "posts" JOIN "young" ON "young"."id" = "posts"."user_id" WHERE "posts"."title" = $2)`,
      [5, "x"],
    ])
  })

  test("a recursive CTE refers to itself", () => {
    const chain = select(employees.c.id, employees.c.managerId)
      .where(eq(employees.c.id, 7))
      .cte("chain", { recursive: true })
      .unionAll((chain) =>
        select(employees.c.id, employees.c.managerId).join(chain, eq(chain.c.managerId, employees.c.id)),
      )
    expect(sqlite(select(chain).orderBy(chain.c.id))?.[0]).toBe(
      `WITH RECURSIVE "chain" ("id", "managerId") AS (SELECT "employees"."id", "employees"."manager_id" AS "managerId" FROM "employees" WHERE "employees"."id" = ? UNION ALL SELECT "employees"."id", "employees"."manager_id" AS "managerId" FROM "employees" JOIN "chain" ON "chain"."managerId" = "employees"."id") SELECT "chain"."id", "chain"."managerId" FROM "chain" ORDER BY "chain"."id"`,
    )
  })

  test("two CTEs of one name are refused", () => {
    const a = select(users.c.id).cte("same")
    const b = select(posts.c.id).cte("same")
    expect(thrownBy(() => sqlite(select({ a: a.c.id, b: b.c.id })))._tag).toBe("CompileError")
  })
})

describe("compound queries", () => {
  test("each dialect groups operands in its way", () => {
    const statement = select(users.c.id).union(select(posts.c.id).orderBy(posts.c.id).limit(3)).orderBy(desc("id"))
    expect(sqlite(statement)?.[0]).toBe(
      `SELECT "users"."id" FROM "users" UNION SELECT * FROM (SELECT "posts"."id" FROM "posts" ORDER BY "posts"."id" LIMIT ?) ORDER BY "id" DESC`,
    )
    expect(postgresql(statement)?.[0]).toBe(
      `SELECT "users"."id" FROM "users" UNION (SELECT "posts"."id" FROM "posts" ORDER BY "posts"."id" LIMIT $1) ORDER BY "id" DESC`,
    )
  })

  test("queries of different width are refused", () => {
    expect(thrownBy(() => select(users.c.id).union(select(posts.c.id, posts.c.title) as never))._tag).toBe(
      "ArgumentError",
    )
  })
})

describe("ranges and locks", () => {
  test("OFFSET alone needs a LIMIT on SQLite", () => {
    expect(sqlite(names.offset(5))).toEqual([`SELECT "users"."name" FROM "users" LIMIT -1 OFFSET ?`, [5]])
    expect(postgresql(names.offset(5))).toEqual([`SELECT "users"."name" FROM "users" OFFSET $1`, [5]])
  })

  test("a limit is a whole number of rows", () => {
    for (const bad of [-1, 1.5, Number.NaN]) expect(thrownBy(() => names.limit(bad))._tag).toBe("ArgumentError")
  })

  test("FOR UPDATE locks rows on PostgreSQL and asks SQLite for its write lock", () => {
    const statement = names.withForUpdate({ skipLocked: true, of: [users] })
    expect(postgresql(statement)?.[0]).toBe(`SELECT "users"."name" FROM "users" FOR UPDATE OF "users" SKIP LOCKED`)
    expect(sqlite(statement)?.[0]).toBe(`SELECT "users"."name" FROM "users"`)
    expect(compile(statement, sqliteDialect).isWrite).toBe(true)
    expect(thrownBy(() => sqlite(names.withForUpdate({ nowait: true })))._tag).toBe("CompileError")
  })

  test("DISTINCT ON is PostgreSQL's", () => {
    const statement = names.distinct(lower(users.c.name))
    expect(postgresql(statement)?.[0]).toBe(`SELECT DISTINCT ON (lower("users"."name")) "users"."name" FROM "users"`)
    expect(thrownBy(() => sqlite(statement))._tag).toBe("CompileError")
  })
})
