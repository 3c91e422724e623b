import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import * as InEffect from "../../src/index.ts"
import {
  type AsyncEngine,
  AsyncSession,
  createAsyncEngine,
  Entity,
  eq,
  insert,
  integer,
  select,
  table,
  text,
  textClause,
} from "../../src/promise.ts"
import { createEngine } from "../../src/sync.ts"
import { ScriptedDatabase } from "../driver/scripted-driver.ts"

const users = table("users", { id: integer().primaryKey(), email: text(), name: text() })
class User extends Entity(users) {}

/** Passes a value past the type checker, as a program without types does. */
const untyped = <A>(value: unknown): A => value as A

const messageOf = async (run: (engine: AsyncEngine) => unknown): Promise<string> => {
  const database = new ScriptedDatabase()
  database.answers.set('SELECT "users"."id", "users"."email", "users"."name" FROM "users" WHERE "users"."id" = ?', [
    ["id", "email", "name"],
    [],
  ])
  const engine = await createAsyncEngine("sqlite://", { driver: database.driver })
  try {
    await run(engine)
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`
  } finally {
    await engine.dispose()
  }
  throw new Error("it did not fail")
}

describe("a message says what to do about", () => {
  it("a misspelt column of a row that lacks a required one for that reason", async () => {
    const row = untyped<{ email: string; name: string }>({ email: "a", nam: "x" })
    expect(await messageOf((engine) => engine.execute(insert(users).values(row)))).toBe(
      'StatementError: insert(users).values() (row 0): table users has no column "nam". Did you mean "name"?',
    )
  })

  it("a misspelt column in a condition", async () => {
    const { nam } = untyped<{ nam: typeof users.c.name }>(users.c)
    expect(await messageOf(() => eq(nam, "x"))).toContain("got undefined. Check the name: the table may have no such")
  })

  it("positional parameters", async () => {
    const run = (given: unknown) =>
      messageOf((engine) => engine.execute(textClause("SELECT ?"), untyped<Record<string, unknown>>(given)))
    expect(await run([1])).toMatch(/^ArgumentError: Parameters \(set 0\) must be an object of values by name; got 1\./)
    expect(await run("x")).toMatch(/^ArgumentError: Parameters must be an object .*execDriverSql\(\)$/)
  })

  it("a selection that is a string", async () => {
    expect(await messageOf(() => select(untyped<typeof users>("name")))).toMatch(
      /^ArgumentError: select\(\) takes a table, .*; got "name"\. Name a column as users\.c\.name/,
    )
  })

  it("a row that is not there, by its key", async () => {
    const message = await messageOf(async (engine) => (await AsyncSession.make(engine)).getOne(User, 77))
    expect(message).toBe("NoResultFound: There is no row for User(id: 77): use get() if there may be none")
  })

  it("a plain object where an entity belongs", async () => {
    const message = await messageOf(async (engine) => (await AsyncSession.make(engine)).add(untyped<User>({ id: 1 })))
    expect(message).toMatch(/got a plain object$/)
  })

  it("a misspelt database in a URL", async () => {
    expect(await messageOf(() => createAsyncEngine("sqllite:///app.db"))).toBe(
      'NoSuchModuleError: No driver is registered for the dialect "sqllite": did you mean "sqlite://"?',
    )
  })

  it("begin() without a block, in the Promise style", async () => {
    const expected = /^ArgumentError: A block is a function .* begin\(async \(conn\) => { … }\); got undefined$/
    expect(await messageOf((engine) => engine.begin(untyped<() => void>(undefined)))).toMatch(expected)
    const onConnection = async (engine: AsyncEngine) => (await engine.connect()).begin(untyped<() => void>(undefined))
    expect(await messageOf(onConnection)).toMatch(expected)
    const onSession = async (engine: AsyncEngine) => (await AsyncSession.make(engine)).begin(untyped<() => void>(1))
    expect(await messageOf(onSession)).toMatch(/got 1$/)
  })

  it("begin() without a block, in the sync style", () => {
    using engine = createEngine("sqlite://", { driver: new ScriptedDatabase().driver })
    expect(() => engine.begin(untyped<() => void>(undefined))).toThrow(
      "A block is a function of a connection or session, as in begin((conn) => { … }); got undefined",
    )
  })

  it.each([
    [async () => {}, /^The block returned a promise, not an Effect: return one, .* @offloop\/orm-async\/promise$/],
    [() => 5, /^The block returned 5, not an Effect/],
    ["x", /^A block is a function that returns an Effect; got "x"$/],
  ])("a block that is none in the Effect style: %s", async (block, message) => {
    const wrong = untyped<() => Effect.Effect<void>>(block)
    const program = Effect.gen(function* () {
      const engine = yield* InEffect.createAsyncEngine("sqlite://", { driver: new ScriptedDatabase().driver })
      const conn = yield* engine.connect
      const session = yield* InEffect.AsyncSession.make(conn)
      return yield* Effect.all([engine.begin(wrong), conn.begin(wrong), session.begin(wrong)].map(Effect.flip))
    })
    for (const error of await Effect.runPromise(Effect.scoped(program))) {
      expect(error).toMatchObject({ _tag: "ArgumentError", message: expect.stringMatching(message) })
    }
  })
})
