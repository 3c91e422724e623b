import { gt } from "../expression/index.ts"
import {
  bigint,
  blob,
  boolean,
  check,
  date,
  doublePrecision,
  enumOf,
  integer,
  json,
  numeric,
  real,
  smallint,
  table,
  text,
  time,
  timestamp,
  uuid,
  varchar,
} from "../schema/index.ts"

/** Tables that the contract's tests share; each test makes those that it needs. */

export const authors = table("authors", {
  id: integer().primaryKey(),
  name: text().unique(),
  born: integer().nullable(),
})

export const books = table(
  "books",
  {
    id: integer().primaryKey(),
    authorId: integer("author_id").references(() => authors.c.id),
    title: text(),
    pages: integer().default(100),
  },
  (t) => [check("ck_books_pages", gt(t.pages, 0))],
)

/** One column of every type, all of which may be NULL. */
export const everything = table("everything", {
  id: integer().primaryKey(),
  int: integer("an_int").nullable(),
  small: smallint().nullable(),
  big: bigint("a_big").nullable(),
  single: real("a_real").nullable(),
  double: doublePrecision("a_double").nullable(),
  price: numeric(10, 2).nullable(),
  precise: numeric(30, 10).nullable(),
  words: text().nullable(),
  short: varchar(50).nullable(),
  flag: boolean().nullable(),
  moment: timestamp().nullable(),
  day: date("a_day").nullable(),
  hour: time("an_hour").nullable(),
  document: json().nullable(),
  bytes: blob().nullable(),
  key: uuid("a_key").nullable(),
  state: enumOf(["open", "done"]).nullable(),
})
