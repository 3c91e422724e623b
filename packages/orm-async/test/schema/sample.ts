import {
  type AnyColumn,
  check,
  desc,
  enumOf,
  gt,
  index,
  integer,
  json,
  numeric,
  table,
  text,
  timestamp,
  unique,
} from "../../src/index.ts"

/** Tables that the tests of schema, statement and compiler share. */
export const users = table("users", {
  id: integer().primaryKey(),
  email: text().unique(),
  name: text(),
  nick: text().nullable(),
  joinedAt: timestamp("joined_at").defaultNow(),
})

export const posts = table(
  "posts",
  {
    id: integer().primaryKey(),
    userId: integer("user_id").references(() => users.c.id, { onDelete: "CASCADE" }),
    title: text().index(),
    tags: json<ReadonlyArray<string>>().nullable(),
    price: numeric(10, 2).default("0"),
    state: enumOf(["open", "done"]).default("open"),
  },
  (t) => [unique(t.userId, t.title), check("price", gt(t.price, "-1")), index([t.userId, desc(t.price)])],
)

export const employees = table("employees", {
  id: integer().primaryKey(),
  managerId: integer("manager_id")
    .nullable()
    .references((): AnyColumn => employees.c.id),
  name: text(),
})
