import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { describe, expect } from "vitest"
import { syncTasks } from "../connection/sync-task.ts"
import type { AsyncEngine } from "../effect/async-engine.ts"
import type { AsyncConnection } from "../effect/effect-connection.ts"
import { createAsyncEngine } from "../promise/create-async-engine.ts"
import { createAll, insert, select, textClause } from "../statement/index.ts"
import { type Contract, failureOf } from "./contract.ts"
import { City, Country } from "./sample-entities.ts"
import { authors } from "./sample-tables.ts"
import { commitNorway, committed, makeNorway, withSession } from "./session-world.ts"

// Sources run as .ts and the build as .js; the module has this one's extension.
const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js"
const tasks = syncTasks<typeof import("./sample-tasks.ts")>(new URL(`./sample-tasks${extension}`, import.meta.url))

const makeAuthors = (engine: AsyncEngine) => engine.begin((conn) => conn.execute(createAll([authors])))

const namesOf = (conn: AsyncConnection) =>
  Effect.map(conn.scalars(select(authors.c.name).orderBy(authors.c.name)), (names) => names.all())

const named = (name: string) => insert(authors).values({ name })

/** Functions that run beside a connection. */
export const runSyncContract = ({ subject, test }: Contract): void => {
  describe("runSync", () => {
    test("runs a function in the transaction of the connection, and gives its result", ({ engine }) =>
      Effect.gen(function* () {
        yield* makeAuthors(engine)
        const conn = yield* engine.connect
        yield* conn.execute(named("here"))
        const id = yield* conn.runSync(tasks.addAuthor, "there")
        expect(id).toBeTypeOf("number")
        expect(yield* conn.runSync(tasks.authorNames)).toEqual(["here", "there"])
        expect(yield* conn.runSync(tasks.streamNames)).toEqual(["here", "there"])
        yield* conn.rollback
        expect(yield* namesOf(conn)).toEqual([])
      }))

    test("begins the transaction, which the program ends", ({ engine }) =>
      Effect.gen(function* () {
        yield* makeAuthors(engine)
        const conn = yield* engine.connect
        yield* conn.runSync(tasks.addAuthor, "first")
        expect(conn.inTransaction()).toBe(true)
        yield* conn.commit
        yield* conn.runSync(tasks.addAuthor, "second")
        yield* conn.rollback
        expect(yield* namesOf(conn)).toEqual(["first"])
      }))

    test("works inside of blocks and savepoints", ({ engine }) =>
      Effect.gen(function* () {
        yield* makeAuthors(engine)
        const names = yield* engine.begin((conn) =>
          Effect.gen(function* () {
            yield* conn.runSync(tasks.addAuthor, "outer")
            const failed = conn.beginNested(() =>
              Effect.zipRight(conn.runSync(tasks.addAuthor, "inner"), Effect.fail("mine")),
            )
            expect(yield* failureOf(failed)).toBe("mine")
            return yield* conn.runSync(tasks.authorNames)
          }),
        )
        expect(names).toEqual(["outer"])
        expect(yield* engine.begin(namesOf)).toEqual(["outer"])
      }))

    test("takes savepoints of the function's own", ({ engine }) =>
      Effect.gen(function* () {
        yield* makeAuthors(engine)
        expect(yield* engine.begin((conn) => conn.runSync(tasks.addNested))).toEqual(["kept"])
        expect(yield* engine.begin(namesOf)).toEqual(["kept"])
      }))

    test("fails with the error of the database, and with whatever else the function throws", ({ engine }) =>
      Effect.gen(function* () {
        yield* makeAuthors(engine)
        const conn = yield* engine.connect
        const twice = yield* failureOf(conn.runSync(tasks.addTwice))
        expect(twice).toMatchObject({ _tag: "IntegrityError", name: "IntegrityError" })
        expect(twice.message).toContain("INSERT INTO")
        yield* conn.rollback
        const thrown = yield* failureOf(conn.runSync(tasks.addAndThrow))
        expect(thrown).toMatchObject({ _tag: "TaskError", cause: { name: "RangeError", message: "mine" } })
        expect(conn.inTransaction()).toBe(true)
        yield* conn.rollback
        expect(yield* namesOf(conn)).toEqual([])
      }))

    test("rolls back a block whose function failed", ({ engine }) =>
      Effect.gen(function* () {
        yield* makeAuthors(engine)
        yield* failureOf(engine.begin((conn) => conn.runSync(tasks.addAndThrow)))
        expect(yield* engine.begin(namesOf)).toEqual([])
      }))

    test("lets the function end the transaction", ({ engine }) =>
      Effect.gen(function* () {
        yield* makeAuthors(engine)
        const conn = yield* engine.connect
        yield* conn.runSync(tasks.addAndCommit)
        expect(conn.inTransaction()).toBe(false)
        yield* conn.runSync(tasks.addAndRollBack)
        expect(conn.inTransaction()).toBe(false)
        expect(yield* namesOf(conn)).toEqual(["committed"])
      }))

    test("reports a savepoint that the function leaves open, and takes it back", ({ engine }) =>
      Effect.gen(function* () {
        yield* makeAuthors(engine)
        const conn = yield* engine.connect
        yield* conn.execute(named("before"))
        const error = yield* failureOf(conn.runSync(tasks.leaveSavepointOpen))
        expect(error).toMatchObject({ _tag: "InvalidRequestError" })
        expect(error.message).toContain("savepoint")
        expect(conn.inNestedTransaction()).toBe(false)
        expect(yield* namesOf(conn)).toEqual(["before"])
      }))

    test("reports a transaction that the function ended behind the connection's back", ({ engine }) =>
      Effect.gen(function* () {
        yield* makeAuthors(engine)
        const conn = yield* engine.connect
        yield* conn.execute(named("before"))
        yield* conn.runSync(tasks.endByText)
        expect(yield* failureOf(conn.execute(named("after")))).toMatchObject({ _tag: "PendingRollbackError" })
        yield* conn.rollback
        expect(yield* namesOf(conn)).toEqual([])
      }))

    test("refuses functions that are async, that close the connection, or that are not there", ({ engine }) =>
      Effect.gen(function* () {
        yield* makeAuthors(engine)
        const conn = yield* engine.connect
        const messageOf = (task: unknown) =>
          Effect.map(failureOf(conn.runSync(task as typeof tasks.authorNames)), ({ _tag, message }) => [_tag, message])
        expect(yield* messageOf(tasks.countLater)).toEqual([
          "InvalidRequestError",
          expect.stringContaining("returned a promise"),
        ])
        expect(yield* messageOf(tasks.closeIt)).toEqual(["InvalidRequestError", expect.stringContaining("close()")])
        expect(yield* messageOf({ ...tasks.add, name: "nothing" })).toEqual([
          "InvalidRequestError",
          expect.stringContaining("nothing"),
        ])
        expect(yield* messageOf(() => 1)).toEqual(["ArgumentError", expect.stringContaining("syncTasks")])
        expect(yield* conn.runSync(tasks.authorNames)).toEqual([])
      }))

    if (subject.placement === "worker") {
      test("says which argument, or that the result, cannot be sent", ({ engine }) =>
        Effect.gen(function* () {
          yield* makeAuthors(engine)
          const conn = yield* engine.connect
          const wrong = (() => 1) as unknown as number
          expect(yield* failureOf(conn.runSync(tasks.add, 1, wrong))).toMatchObject({
            _tag: "ArgumentError",
            message: expect.stringContaining("argument 2"),
          })
          expect(yield* failureOf(conn.runSync(tasks.giveFunction))).toMatchObject({
            _tag: "InvalidRequestError",
            message: expect.stringContaining("result"),
          })
          yield* conn.rollback
          expect(yield* conn.runSync(tasks.add, 1, 2)).toBe(3)
        }))
    }

    test("keeps a connection usable whose function nobody waits for any more", ({ engine }) =>
      Effect.gen(function* () {
        yield* makeAuthors(engine)
        for (let turns = 0; turns < 12; turns++) {
          const conn = yield* engine.connect
          const running = yield* Effect.fork(conn.runSync(tasks.addAuthor, `author ${turns}`))
          for (let turn = 0; turn < turns; turn++) yield* Effect.yieldNow()
          const exit = yield* Fiber.interrupt(running)
          if (Exit.isFailure(exit)) expect(Exit.isInterrupted(exit)).toBe(true)
          yield* conn.rollback
          expect(yield* conn.scalar(textClause("SELECT 1"))).toBe(1)
          yield* conn.close
        }
        expect(yield* engine.begin(namesOf)).toEqual([])
      }))

    test("works in the Promise style", ({ url, engine }) =>
      Effect.zipRight(
        makeAuthors(engine),
        Effect.promise(async () => {
          await using other = await createAsyncEngine(url, { driver: subject.driver, placement: subject.placement })
          if (subject.singleConnection === true) await other.begin((conn) => conn.execute(createAll([authors])))
          const sum = await other.begin(async (conn) => {
            await conn.runSync(tasks.addAuthor, "ann")
            return conn.runSync(tasks.add, 1, 2, 3)
          })
          expect(sum).toBe(6)
          await using conn = await other.connect()
          await expect(conn.runSync(tasks.addTwice)).rejects.toMatchObject({ _tag: "IntegrityError" })
          await conn.rollback()
          const reason = new Error("enough")
          const aborted = conn.runSync.with({ signal: AbortSignal.abort(reason) })(tasks.add, 1)
          await expect(aborted).rejects.toBe(reason)
          expect(await conn.runSync(tasks.authorNames)).toEqual(["ann"])
        }),
      ))

    test(
      "gives a function a session in the transaction of the session",
      withSession((session, env) =>
        Effect.gen(function* () {
          const { norway, oslo, drammen } = makeNorway()
          session.addAll([norway, oslo, drammen])
          const names = yield* session.runSync(tasks.renameCity, 1, "Christiania")
          expect(names).toEqual(["Christiania", "Christiania II", "Drammen"])
          expect(oslo.id).toBe(1)
          expect(() => oslo.name).toThrow("expired")
          yield* session.refresh(oslo)
          expect(oslo.name).toBe("Christiania")
          if (subject.singleConnection !== true) expect(yield* committed(env, select(City.c.name))).toEqual([])
          yield* session.commit
          expect(yield* committed(env, select(City.c.name))).toHaveLength(3)
        }),
      ),
    )

    test(
      "leaves a session usable whose function failed, and takes back what the function did",
      withSession((session, env) =>
        Effect.gen(function* () {
          yield* commitNorway(session)
          const city = new City({ name: "Hamar", countryCode: "NO" })
          session.add(city)
          expect(yield* failureOf(session.runSync(tasks.breakSession))).toMatchObject({ _tag: "IntegrityError" })
          yield* session.commit
          expect(yield* committed(env, select(City.c.name).orderBy(City.c.name))).toEqual([
            { name: "Drammen" },
            { name: "Hamar" },
            { name: "Oslo" },
          ])
        }),
      ),
    )

    test(
      "reports a function that ended the transaction of the session",
      withSession((session) =>
        Effect.gen(function* () {
          yield* commitNorway(session)
          yield* session.execute(select(City))
          const error = yield* failureOf(session.runSync(tasks.endTransaction))
          expect(error).toMatchObject({ _tag: "InvalidRequestError" })
          yield* session.rollback
          expect((yield* session.scalars(select(Country))).all()).toHaveLength(1)
        }),
      ),
    )
  })
}
