import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { describe, expect } from "vitest"
import { count, desc, eq } from "../expression/index.ts"
import { insert, select, textClause } from "../statement/index.ts"
import { type Contract, failureOf } from "./contract.ts"
import { City, Country, cities, countries, Employee } from "./sample-entities.ts"
import { commitNorway, makeNorway, withSession } from "./session-world.ts"

/** Queries of a session. */
export const sessionQueryContract = ({ test }: Contract): void => {
  describe("queries", () => {
    test(
      "give entities, columns, and both",
      withSession((session) =>
        Effect.gen(function* () {
          const { norway, oslo, drammen } = yield* commitNorway(session)
          const byName = select(City).orderBy(City.c.name)
          expect((yield* session.execute(byName)).all()).toEqual([drammen, oslo])
          expect((yield* session.scalars(byName)).first()).toBe(drammen)
          expect(yield* session.scalar(byName)).toBe(drammen)
          const mixed = select({ country: Country, city: City, name: City.c.name })
            .from(Country)
            .join(City)
            .orderBy(desc(City.c.name))
          const [first] = (yield* session.execute(mixed)).all()
          expect(first?.country).toBe(norway)
          expect(first?.city).toBe(oslo)
          expect(first?.name).toBe("Oslo")
          expect((yield* session.scalars(select(cities.c.name).orderBy(cities.c.name))).all()).toEqual([
            "Drammen",
            "Oslo",
          ])
          expect(yield* session.scalar(select(count().as("n")).from(cities))).toBe(2)
          expect((yield* session.execute(select(countries))).all()).toEqual([{ code: "NO", name: "Norway" }])
        }),
      ),
    )

    test(
      "give null for an entity that an outer join did not find",
      withSession((session) =>
        Effect.gen(function* () {
          const empty = new Country({ code: "XX", name: "empty" })
          session.add(empty)
          const outer = select({ country: Country, city: City }).from(Country).leftJoin(City)
          expect((yield* session.execute(outer)).all()).toEqual([{ country: empty, city: null }])
        }),
      ),
    )

    test(
      "read results of entities like any other",
      withSession((session) =>
        Effect.gen(function* () {
          const { norway } = yield* commitNorway(session)
          const result = yield* session.execute(select(Country))
          expect(result.keys).toEqual(["code", "name"])
          expect(yield* result.one()).toBe(norway)
          expect((yield* session.execute(select(Country))).tuples().all()).toEqual([["NO", "Norway"]])
          expect((yield* session.execute(select(Country))).mappings().all()).toEqual([{ code: "NO", name: "Norway" }])
          const twice = select({ country: Country }).from(Country).join(City)
          expect((yield* session.execute(twice)).unique().all()).toEqual([{ country: norway }])
        }),
      ),
    )

    test(
      "see what the session holds, unless they are told not to",
      withSession((session) =>
        Effect.gen(function* () {
          session.addAll(Object.values(makeNorway()))
          const cityCount = select(count().as("n")).from(cities)
          const before = yield* session.noAutoflush((inside) => inside.scalar(cityCount))
          expect(before).toBe(0)
          expect(session.new.size).toBe(4)
          expect(yield* session.scalar(cityCount)).toBe(2)
          expect(session.new.size).toBe(0)
          session.autoflush = false
          session.add(new Employee({ name: "pending" }))
          expect((yield* session.execute(select(Employee))).all()).toEqual([])
        }),
      ),
    )

    test(
      "stream entities that are the session's",
      withSession((session) =>
        Effect.gen(function* () {
          const people = Array.from({ length: 250 }, (_, at) => new Employee({ name: `e${at}` }))
          session.addAll(people)
          const stream = session.stream(select(Employee).orderBy(Employee.c.id), undefined, {
            executionOptions: { yieldPer: 100 },
          })
          expect(Chunk.toReadonlyArray(yield* Stream.runCollect(stream))).toEqual(people)
          const some = Chunk.toReadonlyArray(yield* Stream.runCollect(Stream.take(stream, 3)))
          expect(some).toEqual(people.slice(0, 3))
          yield* session.commit
          expect(yield* session.scalar(select(count().as("n")).from(Employee))).toBe(250)
        }),
      ),
    )

    test(
      "run any statement of Core in the session's transaction",
      withSession((session) =>
        Effect.gen(function* () {
          yield* session.execute(insert(countries).values({ code: "NO", name: "Norway" }))
          const rows = yield* session.execute(
            textClause("SELECT name FROM countries WHERE code = :code", { code: "NO" }),
          )
          expect(rows.all()).toEqual([{ name: "Norway" }])
          const found = yield* session.getOne(Country, "NO")
          yield* session.rollback
          // It was read from a row that is gone.
          expect(() => found.name).toThrow(expect.objectContaining({ _tag: "InvalidRequestError" }))
          expect(yield* session.get(Country, "NO")).toBe(null)
        }),
      ),
    )

    test(
      "give the database's errors typed, and leave the session usable after a rollback",
      withSession((session) =>
        Effect.gen(function* () {
          const error = yield* failureOf(session.execute(textClause("SELECT nothing FROM nowhere")))
          expect(["ProgrammingError", "OperationalError"]).toContain(error._tag)
          yield* session.rollback
          expect((yield* session.execute(select(Country).where(eq(Country.c.code, "NO")))).all()).toEqual([])
        }),
      ),
    )
  })
}
