/** Uses of tables that must compile, and ones that must not. Checked by `tsc`, never run. */
import {
  type AnyColumn,
  bigint,
  blob,
  boolean,
  customType,
  date,
  enumOf,
  type InsertOf,
  integer,
  json,
  numeric,
  type RowOf,
  table,
  text,
  timestamp,
  type UpdateOf,
} from "../../src/index.ts"
import { type Equal, expectType } from "./equal.ts"

const point = customType<{ readonly x: number; readonly y: number }>({
  sqlType: { default: "TEXT" },
  encode: ({ x, y }) => `${x},${y}`,
  decode: (stored) => ({ x: Number(String(stored).split(",")[0]), y: 0 }),
})

const everything = table("everything", {
  id: integer().primaryKey(),
  big: bigint(),
  name: text(),
  nick: text().nullable(),
  price: numeric(10, 2).default("0"),
  active: boolean().default(() => true),
  born: date().nullable(),
  seen: timestamp("last_seen").defaultNow(),
  tags: json<ReadonlyArray<string>>(),
  raw: blob(),
  state: enumOf(["open", "done"]),
  at: point(),
})

interface Everything {
  id: number
  big: bigint
  name: string
  nick: string | null
  price: string
  active: boolean
  born: string | null
  seen: Date
  tags: ReadonlyArray<string>
  raw: Uint8Array
  state: "open" | "done"
  at: { readonly x: number; readonly y: number }
}

expectType<Equal<RowOf<typeof everything>, { [K in keyof Everything]: Everything[K] }>>()
expectType<Equal<typeof everything.name, "everything">>()
expectType<Equal<typeof everything.c.state.key, "state">>()

const complete: InsertOf<typeof everything> = {
  big: 1n,
  name: "ann",
  tags: [],
  raw: new Uint8Array(),
  state: "open",
  at: { x: 1, y: 2 },
}
const withOptional: InsertOf<typeof everything> = { ...complete, id: 1, nick: null, seen: new Date(), price: "1" }
// @ts-expect-error `name` is required
const withoutName: InsertOf<typeof everything> = {
  big: 1n,
  tags: [],
  raw: new Uint8Array(),
  state: "open",
  at: { x: 1, y: 2 },
}
// @ts-expect-error "closed" is none of the values
const wrongState: InsertOf<typeof everything> = { ...complete, state: "closed" }
// @ts-expect-error `name` is not nullable
const nullName: InsertOf<typeof everything> = { ...complete, name: null }
const change: UpdateOf<typeof everything> = { nick: null, state: "done" }
// @ts-expect-error a number is no bigint
const wrongBig: UpdateOf<typeof everything> = { big: 1 }
export const checked = [complete, withOptional, withoutName, wrongState, nullName, change, wrongBig]

// @ts-expect-error the table has no such column
everything.c.nmae

// A key that does not count up must be given.
const natural = table("natural", { code: text().primaryKey(), n: integer().primaryKey({ autoincrement: false }) })
// @ts-expect-error `code` and `n` are required
export const withoutKey: InsertOf<typeof natural> = {}
const shared = table("shared", {
  id: integer()
    .references(() => everything.c.id)
    .primaryKey(),
  order: integer().index().primaryKey(),
})
// @ts-expect-error a key that is a reference does not count up
export const withoutReference: InsertOf<typeof shared> = {}
export const withReference: InsertOf<typeof shared> = { id: 1 }

// A table may refer to itself when the target is annotated.
const tree = table("tree", {
  id: integer().primaryKey(),
  parentId: integer()
    .nullable()
    .references((): AnyColumn => tree.c.id),
})
expectType<Equal<RowOf<typeof tree>, { id: number; parentId: number | null }>>()

// @ts-expect-error a default must be a value of the column
text().default(5)
// @ts-expect-error only moments have the moment as default
text().defaultNow()
// @ts-expect-error no such action
integer().references(() => tree.c.id, { onDelete: "VANISH" })
