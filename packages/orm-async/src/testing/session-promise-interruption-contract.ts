import * as Effect from "effect/Effect"
import { describe, expect } from "vitest"
import { inspect } from "../entity/index.ts"
import { count } from "../expression/index.ts"
import {
  type AsyncEngine,
  AsyncSession,
  asyncSessionMaker,
  createAll,
  createAsyncEngine,
  select,
  textClause,
} from "../promise.ts"
import type { Contract, TestEnv } from "./contract.ts"
import { Country, countries, Employee, employees, worldTables } from "./sample-entities.ts"

/** Lets the loop turn so many times. */
const turn = async (times: number): Promise<void> => {
  for (let at = 0; at < times; at++) await new Promise((resolve) => setTimeout(resolve, 0))
}

const reason = new Error("enough")

/** Sessions of the Promise style whose calls are aborted, and sessions that two callers use at once. */
export const sessionPromiseInterruptionContract = ({ test, subject }: Contract): void => {
  const { driver, placement } = subject
  const withSession =
    (program: (session: AsyncSession, engine: AsyncEngine) => Promise<void>) =>
    ({ url }: TestEnv): Effect.Effect<void> =>
      Effect.promise(async () => {
        await using engine = await createAsyncEngine(url, { driver, placement })
        await engine.begin(async (conn) => {
          await conn.execute(createAll(worldTables))
        })
        await using session = await AsyncSession.make(engine)
        await program(session, engine)
      })

  const countOf = (engine: AsyncEngine, table: typeof countries | typeof employees): Promise<number | null> =>
    engine.scalar(select(count().as("n")).from(table))

  const answersAtOnce = async (engine: AsyncEngine): Promise<boolean> => {
    await using raw = await engine.rawConnection()
    return raw.connection.answersAtOnce
  }

  const manyPeople = (): ReadonlyArray<Employee> => {
    const people = Array.from({ length: 2200 }, (_, at) => new Employee({ name: `e${at}` }))
    for (const person of people.slice(1100)) person.manager = people[0] as Employee
    return people
  }

  describe("abortion", () => {
    test(
      "is refused a second call while one is under way",
      withSession(async (session, engine) => {
        if (await answersAtOnce(engine)) return expect(await session.get(Country, "NO")).toBe(null)
        const controller = new AbortController()
        const slow = session.execute(textClause(subject.sql.slow), undefined, { signal: controller.signal })
        await expect(session.get(Country, "NO")).rejects.toMatchObject({
          _tag: "IllegalStateChangeError",
          message: expect.stringContaining("execute() is already in progress"),
        })
        controller.abort(reason)
        await expect(slow).rejects.toBe(reason)
        await session.rollback()
        expect(await session.get(Country, "NO")).toBe(null)
      }),
    )

    test(
      "before a call begins sends nothing",
      withSession(async (session) => {
        const signal = AbortSignal.abort(reason)
        session.add(new Country({ code: "NO", name: "Norway" }))
        for (const call of [
          session.flush({ signal }),
          session.commit({ signal }),
          session.get(Country, "NO", { signal }),
          session.execute(select(Country), undefined, { signal }),
          session.begin(() => expect.unreachable(), { signal }),
          session.beginNested(() => expect.unreachable(), { signal }),
        ]) {
          await expect(call).rejects.toBe(reason)
        }
        const rows = session.stream(select(Country), undefined, { signal })[Symbol.asyncIterator]()
        await expect(rows.next()).rejects.toBe(reason)
        expect(session.new.size).toBe(1)
        await session.commit()
        expect((await session.getOne(Country, "NO")).name).toBe("Norway")
      }),
    )

    test(
      "of a statement leaves the session to be rolled back",
      withSession(async (session, engine) => {
        const country = new Country({ code: "NO", name: "Norway" })
        session.add(country)
        await session.flush()
        const controller = new AbortController()
        const slow = session.execute(textClause(subject.sql.slow), undefined, { signal: controller.signal })
        controller.abort(reason)
        await slow.then(
          () => undefined,
          (error) => expect(error).toBe(reason),
        )
        await session.rollback()
        expect(inspect(country).state).toBe("transient")
        session.add(country)
        await session.commit()
        expect(await countOf(engine, countries)).toBe(1)
      }),
    )

    test(
      "of a flush takes back all of it, wherever it comes",
      withSession(async (session, engine) => {
        for (let turns = 0; turns < 6; turns++) {
          const people = manyPeople()
          session.addAll(people)
          const controller = new AbortController()
          const flushed = session.flush({ signal: controller.signal }).then(
            () => true,
            (error) => {
              expect(error).toBe(reason)
              return false
            },
          )
          await turn(turns)
          controller.abort(reason)
          if (await flushed) expect(inspect(people[0] as Employee).state).toBe("persistent")
          else {
            for (const person of people) expect(inspect(person).state).toBe("transient")
            await expect(session.flush()).rejects.toMatchObject({ _tag: "PendingRollbackError" })
          }
          await session.rollback()
          for (const person of people) expect(inspect(person).state).toBe("transient")
          expect(inspect(people[0] as Employee).values).toEqual({ name: "e0" })
        }
        expect(session.identityMap.size).toBe(0)
        expect(await countOf(engine, employees)).toBe(0)
      }),
    )

    test(
      "of a commit takes back all of it or nothing",
      withSession(async (session, engine) => {
        let committed = 0
        for (let turns = 0; turns < 6; turns++) {
          const country = new Country({ code: `C${turns}`, name: `country ${turns}` })
          session.add(country)
          const controller = new AbortController()
          const ended = session.commit({ signal: controller.signal }).then(
            () => true,
            (error) => {
              expect(error).toBe(reason)
              return false
            },
          )
          await turn(turns)
          controller.abort(reason)
          const isIn = await ended
          if (isIn) committed++
          else await session.rollback()
          expect(inspect(country).state).toBe(isIn ? "persistent" : "transient")
          expect(session.inTransaction()).toBe(false)
        }
        expect(await countOf(engine, countries)).toBe(committed)
      }),
    )

    test(
      "of a block rolls it back, and the pool loses nothing",
      withSession(async (session, engine) => {
        for (let round = 0; round < 5; round++) {
          const controller = new AbortController()
          const country = new Country({ code: `C${round}`, name: `country ${round}` })
          const running = session.begin(
            async (inside) => {
              inside.add(country)
              await inside.flush()
              await inside.beginNested(() => {
                controller.abort(reason)
                return new Promise(() => {})
              })
            },
            { signal: controller.signal },
          )
          await expect(running).rejects.toBe(reason)
          expect(inspect(country).state).toBe("transient")
          expect(session.inTransaction()).toBe(false)
          expect(await session.scalar(select(count().as("n")).from(Country))).toBe(0)
          await session.commit()
        }
        expect(await countOf(engine, countries)).toBe(0)
        expect(engine.pool.statistics().checkedOut).toBe(0)
      }),
    )

    test(
      "of a block refuses what its callback still calls",
      withSession(async (session) => {
        const controller = new AbortController()
        let late: Promise<unknown> | undefined
        const running = session.begin(
          async (inside) => {
            await turn(1)
            controller.abort(reason)
            late = inside.execute(select(Country))
            await late
          },
          { signal: controller.signal },
        )
        await expect(running).rejects.toBe(reason)
        await expect(late).rejects.toMatchObject({ name: "AbortError" })
        expect((await session.scalars(select(Country))).all()).toEqual([])
      }),
    )

    test(
      "is no way out of a session's end: what is under way fails, and is taken back",
      withSession(async (_, engine) => {
        for (let turns = 0; turns < 4; turns++) {
          const people = manyPeople()
          let left: Promise<boolean>
          {
            await using session = await AsyncSession.make(engine)
            session.addAll(people)
            left = session.flush().then(
              () => true,
              () => false,
            )
            await turn(turns)
          }
          await left
          for (const person of people) expect(inspect(person).state).toBe("transient")
        }
        expect(await countOf(engine, employees)).toBe(0)
      }),
    )

    test(
      "of a maker's block gives its connection back",
      withSession(async (_, engine) => {
        for (let round = 0; round < 3; round++) {
          const controller = new AbortController()
          const running = asyncSessionMaker(engine).begin(
            async (session) => {
              session.add(new Country({ code: "NO", name: "Norway" }))
              await session.flush()
              const slow = session.execute(textClause(subject.sql.slow))
              controller.abort(reason)
              await slow
            },
            { signal: controller.signal },
          )
          await expect(running).rejects.toBe(reason)
        }
        expect(await countOf(engine, countries)).toBe(0)
      }),
    )
  })
}
