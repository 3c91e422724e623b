import fc from "fast-check"
import {
  add,
  and,
  between,
  type Condition,
  caseWhen,
  coalesce,
  compile,
  concat,
  count,
  desc,
  type Executable,
  type Expression,
  eq,
  exists,
  gt,
  inArray,
  isNull,
  like,
  literal,
  lower,
  mul,
  ne,
  not,
  or,
  postgresqlDialect,
  type Query,
  select,
  sql,
} from "../../src/index.ts"
import { posts, users } from "../schema/sample.ts"

/** Texts that would be seen in SQL if they were pasted into it. */
const marker = fc.nat(999).map((n) => `~${n}'"--`)
const number = fc.integer({ min: 100_000, max: 999_999 })

type Number_ = Expression<number | null, string>
type Text = Expression<string | null, string>

const { numeric } = fc.letrec<{ numeric: Number_ }>((tie) => ({
  numeric: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Number_>(users.c.id, posts.c.userId, posts.c.id),
    number.map((n): Number_ => literal(n)),
    fc.tuple(tie("numeric"), number).map(([a, n]): Number_ => add(a, n)),
    fc.tuple(tie("numeric"), tie("numeric")).map(([a, b]): Number_ => mul(a, b)),
    fc.tuple(tie("numeric"), number).map(([a, n]): Number_ => coalesce(a, n)),
    number.map((n): Number_ => sql<number>`abs(${n})`),
  ),
}))

const { textual } = fc.letrec<{ textual: Text }>((tie) => ({
  textual: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Text>(users.c.name, users.c.nick, posts.c.title),
    marker.map((text): Text => literal(text)),
    tie("textual").map((text): Text => lower(text)),
    fc.tuple(tie("textual"), marker).map(([a, b]): Text => concat(a, b)),
    fc.tuple(numeric, marker, marker).map(([n, a, b]): Text => caseWhen([[gt(n, 0), a]], b)),
  ),
}))

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    fc.tuple(numeric, number).map(([a, n]): Condition => eq(a, n)),
    fc.tuple(numeric, numeric).map(([a, b]): Condition => ne(a, b)),
    fc.tuple(numeric, fc.array(number, { maxLength: 4 })).map(([a, list]): Condition => inArray(a, list)),
    fc.tuple(numeric, number, number).map(([a, low, high]): Condition => between(a, low, high)),
    fc.tuple(textual, marker).map(([a, text]): Condition => like(a, text)),
    textual.map((text): Condition => isNull(text)),
    fc.array(tie("condition"), { maxLength: 3 }).map((all): Condition => and(...all)),
    fc.array(tie("condition"), { maxLength: 3 }).map((any): Condition => or(...any)),
    tie("condition").map((condition): Condition => not(condition)),
    fc
      .tuple(numeric, number)
      .map(
        ([a, n]): Condition =>
          exists(select(sql<number>`1`.as("one")).from(posts).where(eq(posts.c.userId, a), gt(posts.c.id, n))),
      ),
  ),
}))

const plain = fc
  .tuple(
    numeric,
    textual,
    fc.array(condition, { maxLength: 2 }),
    fc.option(number),
    fc.option(number),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([a, b, where, limit, offset, distinct, ordered]): Query<{ a: number | null; b: string | null }, "core"> => {
    let query = select(a.as("a"), b.as("b"))
      .from(users, posts)
      .where(...where)
    if (distinct) query = query.distinct()
    if (ordered) query = query.orderBy(desc("a"), "b")
    if (limit !== null) query = query.limit(limit)
    return offset === null ? query : query.offset(offset)
  })

const nested = fc.oneof(
  plain,
  fc.tuple(plain, condition).map(([inner, where]) => {
    const from = inner.subquery("inner_rows")
    return select(from.c.a, from.c.b).from(from, users, posts).where(where, gt(from.c.a, 100_000))
  }),
  fc.tuple(plain, number).map(([inner, n]) => {
    const from = inner.cte("some_rows")
    return select(from.c.a, from.c.b).where(inArray(from.c.a, select(from.c.a).where(gt(from.c.a, n))))
  }),
  fc.tuple(plain, plain).map(([a, b]) => a.unionAll(b)),
  plain.map((inner) => {
    const from = inner.subquery("counted")
    return select(count().as("a"), literal("x").as("b")).from(from)
  }),
)

/** A query over `users` and `posts`, with values that SQL would show. A failing one is reported by its SQL. */
export const arbitraryQuery: fc.Arbitrary<Executable<unknown, "core">> = nested.map(
  (query: Executable<unknown, "core">) =>
    Object.defineProperty(query, fc.toStringMethod, { value: () => compile(query, postgresqlDialect).steps[0].sql }),
)
