/** Uses of statements that must compile, and ones that must not. Checked by `tsc`, never run. */
import {
  add,
  alias,
  and,
  avg,
  bindparam,
  boolean,
  caseWhen,
  cast,
  coalesce,
  count,
  deleteFrom,
  desc,
  type Executable,
  eq,
  exists,
  gt,
  inArray,
  insert,
  integer,
  isNull,
  like,
  literal,
  lower,
  max,
  not,
  type RowOfStatement,
  type Selectable,
  type SelectableTarget,
  select,
  selectable,
  sql,
  sum,
  table,
  text,
  textClause,
  timestamp,
  update,
} from "../../src/index.ts"
import { type Equal, expectType } from "./equal.ts"

const users = table("users", {
  id: integer().primaryKey(),
  name: text(),
  nick: text().nullable(),
  active: boolean(),
  joinedAt: timestamp("joined_at").defaultNow(),
})
const posts = table("posts", {
  id: integer().primaryKey(),
  userId: integer().references(() => users.c.id),
  title: text(),
})

type User = { id: number; name: string; nick: string | null; active: boolean; joinedAt: Date }
type Post = { id: number; userId: number; title: string }

/** A connection: takes what gives plain rows. */
declare const execute: <Row>(statement: Executable<Row, "core">) => Row
/** A session: takes entities too. */
declare const executeOrm: <Row>(statement: Executable<Row, "core" | "orm">) => Row

// Row types
const all = select(users)
expectType<Equal<RowOfStatement<typeof all>, User>>()
const some = select(users.c.id, users.c.nick, lower(users.c.name).as("lowered"))
expectType<Equal<RowOfStatement<typeof some>, { id: number; nick: string | null; lowered: string }>>()
const object = select({ user: users, n: count(), latest: max(users.c.joinedAt) })
expectType<
  Equal<RowOfStatement<typeof object>, { readonly user: User; readonly n: number; readonly latest: Date | null }>
>()
// @ts-expect-error an expression without a name
select(lower(users.c.name))
// @ts-expect-error two tables need the object form
select(users, posts)

// Outer joins make nullable what may be missing
const outer = select(users.c.id, posts.c.title, lower(posts.c.title).as("lowered")).leftJoin(posts)
expectType<Equal<RowOfStatement<typeof outer>, { id: number; title: string | null; lowered: string | null }>>()
const inner = select(users.c.id, posts.c.title).join(posts)
expectType<Equal<RowOfStatement<typeof inner>, { id: number; title: string }>>()
const nested = select({ user: users, post: posts }).leftJoin(posts)
expectType<Equal<RowOfStatement<typeof nested>, { readonly user: User; readonly post: Post | null }>>()
const boss = alias(users, "boss")
const bosses = select({ name: users.c.name, boss: boss.c.name }).outerJoin(boss, eq(boss.c.id, users.c.id))
expectType<Equal<RowOfStatement<typeof bosses>, { readonly name: string; readonly boss: string | null }>>()
const missing = select(posts).from(users).leftJoin(posts)
expectType<Equal<RowOfStatement<typeof missing>, Post | null>>()

// Subqueries and CTEs
const perUser = select(posts.c.userId, count().as("n")).groupBy(posts.c.userId).subquery("per_user")
const joined = select(users.c.name, perUser.c.n).leftJoin(perUser, eq(perUser.c.userId, users.c.id))
expectType<Equal<RowOfStatement<typeof joined>, { name: string; n: number | null }>>()
const cte = select(users.c.id, users.c.name).cte("some_users")
const fromCte = select(cte)
expectType<Equal<RowOfStatement<typeof fromCte>, { id: number; name: string }>>()
const scalar = select({ newest: select(max(users.c.id).as("newest")).scalarSubquery() })
expectType<Equal<RowOfStatement<typeof scalar>, { readonly newest: number | null }>>()
select(users.c.id).union(select(posts.c.id))
// @ts-expect-error the columns differ
select(users.c.id).union(select(posts.c.title))

// Functions and operators
const functions = select({
  total: sum(posts.c.id),
  mean: avg(posts.c.id),
  nick: coalesce(users.c.nick, users.c.name),
  literalNick: coalesce(users.c.nick, "none"),
  stillNull: coalesce(users.c.nick, users.c.nick),
  plus: add(users.c.id, 1),
  kind: caseWhen([[gt(users.c.id, 5), "high"]], "low"),
  maybe: caseWhen([[gt(users.c.id, 5), "high"]]),
  text: cast(users.c.id, text()),
  area: sql<number>`${users.c.id} * 2`,
  same: eq(users.c.nick, "x"),
  none: isNull(users.c.nick),
  one: literal(1),
})
expectType<
  Equal<
    RowOfStatement<typeof functions>,
    {
      readonly total: number | null
      readonly mean: number | null
      readonly nick: string
      readonly literalNick: string
      readonly stillNull: string | null
      readonly plus: number
      readonly kind: string
      readonly maybe: string | null
      readonly text: string
      readonly area: number
      readonly same: boolean | null
      readonly none: boolean
      readonly one: number
    }
  >
>()

// Conditions
all.where(eq(users.c.name, "ann"), eq(users.c.nick, null), inArray(users.c.id, [1, 2]), not(users.c.active))
all.where(and(like(users.c.nick, "a%"), exists(select(posts)), eq(users.c.id, posts.c.userId)))
all.where(eq(users.c.id, bindparam<number>("id"))).orderBy(desc(users.c.id), "name")
// @ts-expect-error a string is no integer
eq(users.c.id, "1")
// @ts-expect-error a string column is no integer
eq(users.c.id, users.c.name)
// @ts-expect-error undefined is no value
eq(users.c.nick, undefined)
// @ts-expect-error NULL has no order
gt(users.c.id, null)
// @ts-expect-error the values of the list are strings
inArray(users.c.id, ["1"])
// @ts-expect-error LIKE is for text
like(users.c.id, "1%")
// @ts-expect-error a string is no condition
all.where(users.c.name)
// @ts-expect-error text is not added to
add(users.c.id, "1")

// INSERT
const inserted = insert(users).values({ name: "ann", active: true })
expectType<Equal<RowOfStatement<typeof inserted>, never>>()
const returned = insert(users)
  .values([{ name: sql<string>`lower(${"A"})`, active: true, nick: undefined }])
  .returning()
expectType<Equal<RowOfStatement<typeof returned>, User>>()
const ids = insert(users).values({ name: "ann", active: true }).returning(users.c.id)
expectType<Equal<RowOfStatement<typeof ids>, { id: number }>>()
insert(users)
  .values({ name: "ann", active: true })
  .onConflictDoUpdate({ target: users.c.id, set: (excluded) => ({ name: excluded.name, nick: "x" }) })
// @ts-expect-error `active` is required
insert(users).values({ name: "ann" })
// @ts-expect-error unknown column
insert(users).values({ name: "ann", active: true, nmae: "x" })
// @ts-expect-error wrong type
insert(users).values({ name: 1, active: true })
// @ts-expect-error a subquery takes no rows
insert(perUser)
const ready = insert(users).values({ name: "a", active: true })
// @ts-expect-error wrong type in the conflict's change
ready.onConflictDoUpdate({ target: users.c.id, set: { name: 5 } })

// UPDATE and DELETE
const updated = update(users)
  .set({ id: add(users.c.id, 1), nick: null })
  .where(eq(users.c.id, 1))
  .returning(users.c.nick)
expectType<Equal<RowOfStatement<typeof updated>, { nick: string | null }>>()
// @ts-expect-error not nullable
update(users).set({ name: null })
// @ts-expect-error unknown column
update(users).set({ nmae: "x" })
const deleted = deleteFrom(users).returning()
expectType<Equal<RowOfStatement<typeof deleted>, User>>()

// SQL text
const typed = textClause("SELECT id, nick FROM users WHERE id = :id", { id: 1 }).columns({
  id: integer(),
  nick: text().nullable(),
})
expectType<Equal<RowOfStatement<typeof typed>, { id: number; nick: string | null }>>()

// Levels: an entity class is a source whose rows are its instances
class City {
  declare static readonly [selectable]: SelectableTarget & Selectable<unknown, "orm", "cities">[typeof selectable]
  declare readonly id: number
  greet(): string {
    return "hello"
  }
}
const cities = select(City).where(eq(users.c.id, 1)).limit(1)
expectType<Equal<RowOfStatement<typeof cities>, City>>()
const mixed = select({ city: City, n: count() })
expectType<Equal<RowOfStatement<typeof mixed>, { readonly city: City; readonly n: number }>>()
const perhaps = select({ user: users, city: City }).leftJoin(City)
expectType<Equal<RowOfStatement<typeof perhaps>, { readonly user: User; readonly city: City | null }>>()
executeOrm(cities)
executeOrm(mixed)
execute(all)
execute(object)
execute(inserted)
// @ts-expect-error entities need a session
execute(cities)
// @ts-expect-error one entity is enough
execute(mixed)
