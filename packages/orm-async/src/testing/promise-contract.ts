import { AsyncLocalStorage } from "node:async_hooks"
import * as Effect from "effect/Effect"
import { describe, expect } from "vitest"
import { type AsyncEngine, createAsyncEngine } from "../promise.ts"
import { createAll, insert, select, textClause } from "../statement/index.ts"
import type { Contract } from "./contract.ts"
import { authors } from "./sample-tables.ts"

const mine = new Error("mine")

const author = (id: number) => ({ id, name: `author ${id}` })

const rejection = async (promise: PromiseLike<unknown>): Promise<unknown> => {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error("it did not reject")
}

/** Tests programs of Promises, with signals and without, and their mistakes. */
export const promiseContract = ({ test, subject }: Contract): void => {
  /** Adds a test with an engine of the Promise style on a database with an empty table of authors. */
  const testPromises = (name: string, program: (engine: AsyncEngine) => Promise<void>): void =>
    test(name, ({ url }) =>
      Effect.promise(async () => {
        await using engine = await createAsyncEngine(url, { driver: subject.driver, placement: subject.placement })
        await engine.begin((conn) => conn.execute(createAll([authors])))
        await program(engine)
        await engine.dispose()
        const { opened, ...left } = engine.pool.statistics()
        expect(left).toMatchObject({ checkedIn: 0, checkedOut: 0, connecting: 0, waiting: 0, closed: opened })
      }),
    )

  describe("the Promise style", () => {
    testPromises("runs statements one by one, in blocks, in lists and as streams", async (engine) => {
      await engine.execute(insert(authors).values(author(1)))
      await engine.begin(async (conn) => {
        await conn.execute(insert(authors), [author(2), author(3)])
        expect(await conn.scalar(select(authors.c.id).orderBy(authors.c.id))).toBe(1)
      })
      const [, all] = await engine.executeAll([insert(authors).values(author(4)), select(authors)])
      expect(all.all()).toHaveLength(4)
      const seen: Array<number> = []
      for await (const row of engine.stream(select(authors).orderBy(authors.c.id))) seen.push(row.id)
      expect(seen).toEqual([1, 2, 3, 4])
    })

    testPromises(
      "a list of statements whose own SQL ends the transaction fails, and what follows is not sent",
      async (engine) => {
        for (const [end, left] of [
          ["ROLLBACK", 0],
          ["COMMIT", 1],
        ] as const) {
          const all = engine.executeAll([
            insert(authors).values(author(1)),
            textClause(end),
            insert(authors).values(author(2)),
          ])
          expect(await rejection(all)).toMatchObject({ _tag: "PendingRollbackError" })
          expect((await engine.execute(select(authors))).all()).toHaveLength(left)
        }
      },
    )

    testPromises("runs a block that had to wait with what its own caller has stored", async (engine) => {
      const stored = new AsyncLocalStorage<number>()
      const callers = Array.from({ length: engine.pool.size() * 4 + 40 }, (_, caller) => caller)
      const request = (caller: number): Promise<ReadonlyArray<number | undefined>> =>
        stored.run(caller, () =>
          engine.begin(async (conn) => {
            const seen = [stored.getStore()]
            await conn.execute(insert(authors).values(author(caller)))
            await conn.beginNested(() => seen.push(stored.getStore()))
            return seen
          }),
        )
      expect(await Promise.all(callers.map(request))).toEqual(callers.map((caller) => [caller, caller]))
    })

    testPromises("ends a stream with the savepoint that it began in, and the transaction goes on", async (engine) => {
      const rows = Array.from({ length: 20 }, (_, index) => author(index + 1))
      await engine.begin(async (conn) => {
        await conn.execute(insert(authors), rows)
        const read = () =>
          conn
            .stream(select(authors).orderBy(authors.c.id), undefined, { executionOptions: { yieldPer: 5 } })
            [Symbol.asyncIterator]()
        const outer = read()
        await outer.next()
        let inner: AsyncIterator<unknown> | undefined
        const failed = conn.beginNested(async () => {
          await conn.beginNested(async () => {
            inner = read()
            await inner.next()
          })
          throw mine
        })
        expect(await rejection(failed)).toBe(mine)
        const rest = async (stream: AsyncIterator<unknown> | undefined): Promise<number> => {
          for (let count = 0; ; count++) if ((await stream?.next())?.done !== false) return count
        }
        expect(await rejection(rest(inner))).toMatchObject({ _tag: "ResourceClosedError" })
        expect(await rest(outer)).toBe(19)
        await conn.execute(insert(authors).values(author(21)))
      })
      expect((await engine.execute(select(authors))).all()).toHaveLength(21)
    })

    testPromises("leaves a stream whose signal is aborted, before it begins and while it waits", async (engine) => {
      const slow = textClause(subject.sql.slow)
      await using conn = await engine.connect()
      const read = async (signal: AbortSignal): Promise<void> => {
        for await (const _row of conn.stream(slow, undefined, { signal })) return
      }
      expect(await rejection(read(AbortSignal.abort(mine)))).toBe(mine)
      expect(conn.inTransaction()).toBe(false)
      const controller = new AbortController()
      const reading = read(controller.signal)
      setTimeout(() => controller.abort(mine), 0)
      // A database that works on this very thread has answered before the signal is aborted.
      const outcome = await reading.catch((error: unknown) => error)
      if (outcome !== undefined) expect(outcome).toBe(mine)
      await conn.rollback()
      expect(await conn.scalar(textClause("SELECT 1"))).toBe(1)
    })

    testPromises("refuses everything in a block that SQL of the program's own has ended", async (engine) => {
      for (const ending of ["ROLLBACK", "COMMIT"]) {
        const block = engine.begin(async (conn) => {
          await conn.execute(insert(authors).values(author(1)))
          await conn.execDriverSql(ending)
          const refused = await rejection(conn.execute(insert(authors).values(author(2))))
          expect(refused).toMatchObject({ _tag: "PendingRollbackError", message: expect.stringContaining("ended it") })
        })
        expect(await rejection(block)).toMatchObject({ _tag: "PendingRollbackError" })
        const ids = (await engine.scalars(select(authors.c.id))).all()
        expect(ids).toEqual(ending === "COMMIT" ? [1] : [])
      }
    })

    testPromises("fails a savepoint that was rolled back with another around it", async (engine) => {
      await engine.begin(async (conn) => {
        let fail = (): void => {}
        const first = conn.beginNested(async () => {
          await conn.execute(insert(authors).values(author(1)))
          await new Promise<void>((resolve) => {
            fail = resolve
          })
          throw mine
        })
        const second = conn.beginNested(async () => {
          await conn.execute(insert(authors).values(author(2)))
          fail()
          expect(await rejection(first)).toBe(mine)
        })
        expect(await rejection(second)).toMatchObject({ message: expect.stringContaining("nothing of it remains") })
        await conn.execute(insert(authors).values(author(3)))
      })
      expect((await engine.scalars(select(authors.c.id))).all()).toEqual([3])
    })

    testPromises("commits what a block has begun without awaiting it", async (engine) => {
      await engine.begin(async (conn) => {
        void conn.execute(insert(authors).values(author(1)))
        void conn.execute(insert(authors).values(author(2)))
      })
      expect((await engine.scalars(select(authors.c.id).orderBy(authors.c.id))).all()).toEqual([1, 2])
    })

    testPromises("lets timers run between calls that are awaited one after the other", async (engine) => {
      let hasTicked = false
      setTimeout(() => {
        hasTicked = true
      }, 0)
      while (!hasTicked) await engine.scalar(textClause("SELECT 1"))
      expect(hasTicked).toBe(true)
    })

    testPromises("tells in its errors which line of the program awaits them", async (engine) => {
      async function askForNothing(): Promise<void> {
        await engine.scalar(textClause("SELECT nothing FROM nowhere"))
      }
      const error = await rejection(askForNothing())
      expect(error).toMatchObject({ message: expect.stringContaining("nowhere") })
      expect((error as Error).stack).toContain("askForNothing")
    })
  })
}
