import { describe, expect, it } from "vitest"
import {
  type AsyncEngine,
  AsyncSession,
  asyncSessionMaker,
  createAsyncEngine,
  Entity,
  select,
  table,
  text,
} from "../../src/promise.ts"
import { ScriptedDatabase } from "../driver/scripted-driver.ts"

const letters = table("letters", { letter: text().primaryKey() })
class Letter extends Entity(letters) {}
const selectLetters = 'SELECT "letters"."letter" FROM "letters"'

const withEngine = async (run: (engine: AsyncEngine, database: ScriptedDatabase) => Promise<void>): Promise<void> => {
  const database = new ScriptedDatabase()
  database.delay = () => 1
  database.answers.set(selectLetters, [["letter"], ["a", "b"]])
  database.answers.set(`${selectLetters} WHERE "letters"."letter" = ?`, [["letter"], []])
  {
    await using engine = await createAsyncEngine("sqlite://", { driver: database.driver })
    await run(engine, database)
  }
  expect(database.breaches).toEqual([])
  expect(database.closed).toHaveLength(database.connections)
}

const rejection = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => error as Error,
  )

describe("a session in the Promise style", () => {
  it("rejects with errors that name the line which awaits them, in its style", () =>
    withEngine(async (engine) => {
      await using session = await AsyncSession.make(engine)
      // Deno shows its own functions first.
      const missing = async () => await session.getOne(Letter, "x")
      expect((await rejection(missing())).stack).toMatch(
        /^NoResultFound: .*\n(\s+at .*\(ext:core\/.*\n)*.*promise-session\.test\.ts/,
      )
      const gone = async () => await session.refresh(new Letter({ letter: "x" }))
      const error = await rejection(gone())
      expect(error.stack).toContain("promise-session.test.ts")
      expect(error.message).not.toContain("yield*")
      const [a] = (await session.scalars(select(Letter))).all()
      session.expire(a as Letter)
      expect((await session.scalars(select(Letter))).all()[0]).toBe(a)
    }))

  it("tells that an await is missing inside of a block", () =>
    withEngine(async (engine, database) => {
      let inside: AsyncSession | undefined
      await asyncSessionMaker(engine).begin((session) => {
        inside = session
      })
      const forgotten = (inside as AsyncSession).execute(select(Letter))
      expect(await rejection(forgotten)).toMatchObject({
        _tag: "InvalidRequestError",
        message: expect.stringMatching(/session\.execute\(\) was not sent. An await is probably missing/),
      })
      expect(database.taken().filter((step) => step.includes("SELECT"))).toEqual([])
    }))

  it("gives its connection, which is the same as long as its transaction", () =>
    withEngine(async (engine) => {
      await using session = await AsyncSession.make(engine)
      const conn = await session.connection()
      expect(await session.connection()).toBe(conn)
      expect((await conn.scalars(select(letters))).all()).toEqual(["a", "b"])
      await session.close()
      expect(conn.closed).toBe(true)
      await using lent = await engine.connect()
      await using bound = await AsyncSession.make(lent)
      expect(await bound.connection()).toBe(lent)
    }))

  it("is bound to an engine or a connection, and says so", async () => {
    expect(await rejection(AsyncSession.make({} as never))).toMatchObject({
      _tag: "ArgumentError",
      message:
        "AsyncSession.make: a session takes its connections from an engine, or is bound to a connection; got an object",
    })
    expect(await rejection(asyncSessionMaker(undefined as never).session())).toMatchObject({ _tag: "ArgumentError" })
  })
})
