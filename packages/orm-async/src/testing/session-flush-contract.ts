import * as Effect from "effect/Effect"
import { describe, expect } from "vitest"
import { inspect } from "../entity/index.ts"
import { count, eq } from "../expression/index.ts"
import { deleteFrom, select, update } from "../statement/index.ts"
import { type Contract, failureOf } from "./contract.ts"
import {
  Category,
  City,
  Country,
  categories,
  cities,
  countries,
  Document,
  documents,
  Employee,
  employees,
  Region,
  regions,
} from "./sample-entities.ts"
import { commitNorway, committed, makeNorway, withSession } from "./session-world.ts"

/** Tests what a flush writes. */
export const sessionFlushContract = ({ test }: Contract): void => {
  describe("flush", () => {
    test(
      "inserts objects with those they refer to, and fills in keys and defaults",
      withSession((session, env) =>
        Effect.gen(function* () {
          const { norway, viken, oslo, drammen } = makeNorway()
          session.add(drammen)
          expect(session.new).toEqual(new Set([norway, viken, drammen]))
          session.add(oslo)
          yield* session.flush
          expect(session.new.size).toBe(0)
          expect(oslo.id).toBeTypeOf("number")
          expect(oslo.countryCode).toBe("NO")
          expect(oslo.regionCode).toBe(null)
          expect(oslo.addedAt).toBeInstanceOf(Date)
          expect(drammen).toMatchObject({ countryCode: "NO", regionCode: "30", population: 0n, capital: false })
          expect(drammen.country).toBe(norway)
          yield* session.commit
          const rows = yield* committed(env, select(cities).orderBy(cities.c.name))
          expect(rows.map(({ name, countryCode, regionCode }) => [name, countryCode, regionCode])).toEqual([
            ["Drammen", "NO", "30"],
            ["Oslo", "NO", null],
          ])
          expect(yield* committed(env, select(regions))).toEqual([{ countryCode: "NO", code: "30", name: "Viken" }])
        }),
      ),
    )

    test(
      "gives generated keys in the order in which objects were added",
      withSession((session) =>
        Effect.gen(function* () {
          const people = Array.from({ length: 2500 }, (_, at) => new Employee({ name: `e${at}` }))
          session.addAll(people)
          yield* session.flush
          const ids = people.map(({ id }) => id)
          expect(ids).toEqual([...ids].sort((a, b) => a - b))
          const rows = (yield* session.execute(select(employees).orderBy(employees.c.id))).all()
          expect(rows.map(({ id, name }) => [id, name])).toEqual(people.map(({ id, name }) => [id, name]))
        }),
      ),
    )

    test(
      "updates only what changed, and nothing where the net change is none",
      withSession((session, env) =>
        Effect.gen(function* () {
          const { oslo, drammen } = yield* commitNorway(session)
          // Behind the session's back: a column that the session does not write keeps this value.
          yield* env.engine.begin((conn) => conn.execute(update(cities).set({ population: 5n })))
          oslo.name = "Christiania"
          drammen.name = "Brakerøya"
          drammen.name = "Drammen"
          expect(session.dirty).toEqual(new Set([oslo, drammen]))
          expect(session.isModified(drammen)).toBe(false)
          expect(inspect(oslo).changes).toEqual({ name: { from: "Oslo", to: "Christiania" } })
          yield* session.commit
          const rows = yield* committed(env, select(cities.c.name, cities.c.population).orderBy(cities.c.name))
          expect(rows).toEqual([
            { name: "Christiania", population: 5n },
            { name: "Drammen", population: 5n },
          ])
        }),
      ),
    )

    test(
      "writes a new reference, a removed one, and one whose object is inserted by the same flush",
      withSession((session, env) =>
        Effect.gen(function* () {
          const { oslo, drammen, viken } = yield* commitNorway(session)
          drammen.region = null
          oslo.region = viken
          yield* session.flush
          const sweden = new Country({ code: "SE", name: "Sweden" })
          oslo.region = null
          oslo.country = sweden
          expect(session.new).toEqual(new Set([sweden]))
          yield* session.commit
          const rows = yield* committed(
            env,
            select(cities.c.name, cities.c.countryCode, cities.c.regionCode).orderBy(cities.c.id),
          )
          expect(new Map(rows.map(({ name, countryCode, regionCode }) => [name, [countryCode, regionCode]]))).toEqual(
            new Map([
              ["Oslo", ["SE", null]],
              ["Drammen", ["NO", null]],
            ]),
          )
        }),
      ),
    )

    test(
      "inserts trees of a table that refers to itself, level by level, and deletes them from the leaves up",
      withSession((session, env) =>
        Effect.gen(function* () {
          const boss = new Employee({ name: "boss" })
          const leads = [1, 2, 3].map((n) => new Employee({ name: `lead${n}`, manager: boss }))
          const staff = leads.flatMap((lead) =>
            [1, 2].map((n) => new Employee({ name: `${lead.name}.${n}`, manager: lead })),
          )
          session.addAll(staff)
          yield* session.flush
          for (const person of staff) expect(person.managerId).toBe(person.manager?.id)
          for (const lead of leads) expect(lead.managerId).toBe(boss.id)
          for (const person of [boss, ...leads, ...staff]) session.delete(person)
          yield* session.commit
          expect(yield* committed(env, select(employees))).toEqual([])
        }),
      ),
    )

    test(
      "inserts trees whose keys the program gives",
      withSession((session, env) =>
        Effect.gen(function* () {
          for (const end of ["flush", "commit"] as const) {
            const root = new Category({ code: `${end}/a` })
            const middle = new Category({ code: `${end}/b`, parent: root })
            session.add(new Category({ code: `${end}/c`, parent: middle }))
            yield* session[end]
          }
          yield* session.commit
          const rows = yield* committed(env, select(categories).orderBy(categories.c.code))
          expect(rows.map(({ code, parentCode }) => [code, parentCode])).toEqual(
            ["commit", "flush"].flatMap((end) => [
              [`${end}/a`, null],
              [`${end}/b`, `${end}/a`],
              [`${end}/c`, `${end}/b`],
            ]),
          )
        }),
      ),
    )

    test(
      "deletes rows before those that they refer to",
      withSession((session, env) =>
        Effect.gen(function* () {
          const { norway, viken, oslo, drammen } = yield* commitNorway(session)
          for (const object of [norway, viken, oslo, drammen]) session.delete(object)
          expect(session.deleted.size).toBe(4)
          yield* session.flush
          expect(inspect(norway).state).toBe("deleted")
          expect(session.contains(norway)).toBe(false)
          yield* session.commit
          expect(inspect(norway).state).toBe("detached")
          expect(yield* committed(env, select(countries))).toEqual([])
        }),
      ),
    )

    test(
      "moves an object to a new primary key",
      withSession((session, env) =>
        Effect.gen(function* () {
          const sweden = new Country({ code: "SV", name: "Sweden" })
          session.add(sweden)
          yield* session.commit
          sweden.code = "SE"
          yield* session.flush
          expect(session.identityMap.get(Country, "SE")).toBe(sweden)
          expect(session.identityMap.get(Country, "SV")).toBe(undefined)
          yield* session.rollback
          expect(sweden.code).toBe("SV")
          expect(session.identityMap.get(Country, "SV")).toBe(sweden)
          sweden.code = "SE"
          yield* session.commit
          expect(yield* committed(env, select(countries.c.code))).toEqual([{ code: "SE" }])
        }),
      ),
    )

    test(
      "fills in what library and database set on insert and update",
      withSession((session, env) =>
        Effect.gen(function* () {
          const draft = new Document({ title: "a" })
          const done = new Document({ title: "b", state: "done", revision: 7 })
          session.addAll([draft, done])
          yield* session.flush
          expect(draft).toMatchObject({ revision: 1, state: "draft", touched: "new" })
          expect(done).toMatchObject({ revision: 7, state: "done", touched: "new" })
          draft.title = "A"
          yield* session.commit
          expect(draft.revision).toBeGreaterThan(1)
          expect(draft.touched).toBe("changed")
          const [row] = yield* committed(env, select(documents).where(eq(documents.c.title, "A")))
          expect(row).toEqual({ ...draft.toJSON() })
        }),
      ),
    )

    test(
      "writes many rows in batches, each change once",
      withSession((session, env) =>
        Effect.gen(function* () {
          const rows = Array.from({ length: 3000 }, (_, at) => new Employee({ name: `e${at}` }))
          session.addAll(rows)
          yield* session.flush
          for (const [at, row] of rows.entries()) if (at % 2 === 0) row.name = `changed${at}`
          for (const [at, row] of rows.entries()) if (at % 3 === 0) session.delete(row)
          yield* session.commit
          const names = (yield* committed(env, select(employees.c.name).orderBy(employees.c.id))).map(
            ({ name }) => name,
          )
          expect(names).toEqual(
            rows.flatMap((_, at) => (at % 3 === 0 ? [] : [at % 2 === 0 ? `changed${at}` : `e${at}`])),
          )
        }),
      ),
    )

    test(
      "fails with StaleDataError where rows are gone, and takes everything back",
      withSession((session, env) =>
        Effect.gen(function* () {
          const { oslo, norway } = yield* commitNorway(session)
          yield* env.engine.begin((conn) => conn.execute(deleteFrom(cities).where(eq(cities.c.name, "Oslo"))))
          norway.name = "Noreg"
          oslo.name = "Christiania"
          const error = yield* failureOf(session.flush)
          expect(error._tag).toBe("StaleDataError")
          expect(error.message).toContain(`City(id: ${oslo.id})`)
          expect(norway.name).toBe("Norway")
          yield* session.rollback
          session.delete(oslo)
          expect((yield* failureOf(session.flush))._tag).toBe("StaleDataError")
        }),
      ),
    )

    test(
      "says the same of rows that are gone when it goes with the commit, and leaves nothing of either",
      withSession((session, env) =>
        Effect.gen(function* () {
          const { oslo, drammen, norway } = yield* commitNorway(session)
          yield* env.engine.begin((conn) => conn.execute(deleteFrom(cities).where(eq(cities.c.name, "Oslo"))))
          const sweden = new Country({ code: "SE", name: "Sweden" })
          const messages: Array<string> = []
          for (const end of ["flush", "commit"] as const) {
            session.add(sweden)
            norway.name = "Noreg"
            oslo.name = "Christiania"
            drammen.name = "Brakerøya"
            const error = yield* failureOf(session[end])
            expect(error._tag).toBe("StaleDataError")
            messages.push(error.message)
            expect([norway.name, drammen.name, inspect(sweden).state]).toEqual(["Norway", "Drammen", "transient"])
            expect(session.isActive).toBe(false)
            yield* session.rollback
          }
          expect(messages[0]).toBe(messages[1])
          expect(messages[0]).toContain("UPDATE on table cities was to change 2 rows but changed 1: rows of City(id: ")
          expect(yield* committed(env, select(countries))).toEqual([{ code: "NO", name: "Norway" }])
          norway.name = "Noreg"
          yield* session.commit
          expect(yield* committed(env, select(countries.c.name))).toEqual([{ name: "Noreg" }])
        }),
      ),
    )

    test(
      "leaves nothing of a commit that the database refuses",
      withSession((session, env) =>
        Effect.gen(function* () {
          yield* commitNorway(session)
          const sweden = new Country({ code: "SE", name: "Sweden" })
          const again = new Country({ code: "N2", name: "Norway" })
          session.addAll([sweden, again])
          const error = yield* failureOf(session.commit)
          expect(error).toMatchObject({ _tag: "IntegrityError", statement: expect.stringContaining("INSERT") })
          expect([inspect(sweden).state, inspect(again).state]).toEqual(["transient", "transient"])
          yield* session.rollback
          session.add(sweden)
          yield* session.commit
          const codes = yield* committed(env, select(countries.c.code).orderBy(countries.c.code))
          expect(codes).toEqual([{ code: "NO" }, { code: "SE" }])
        }),
      ),
    )

    test(
      "says which object and property cannot be written",
      withSession((session) =>
        Effect.gen(function* () {
          const outside = new Country({ code: "XX", name: "outside" })
          const city = new City({ name: "x", country: outside })
          session.add(city)
          session.expunge(outside)
          const error = yield* failureOf(session.flush)
          expect(error).toMatchObject({
            _tag: "FlushError",
            message: expect.stringMatching(/City.*country.*not in the session/),
          })
          expect(inspect(city).state).toBe("transient")
          yield* session.rollback

          const nameless = new (Region as unknown as new (init: object) => Region)({ code: "1", name: "r" })
          session.add(nameless)
          expect(yield* failureOf(session.flush)).toMatchObject({
            _tag: "FlushError",
            message: expect.stringMatching(/Region.*countryCode has no value. Set country or countryCode/),
          })
          yield* session.rollback

          const [a, b] = [new Employee({ name: "a" }), new Employee({ name: "b" })]
          a.manager = b
          b.manager = a
          session.add(a)
          expect((yield* failureOf(session.flush))._tag).toBe("CircularDependencyError")
        }),
      ),
    )

    test(
      "refuses a second object for one row",
      withSession((session) =>
        Effect.gen(function* () {
          yield* commitNorway(session)
          session.add(new Country({ code: "NO", name: "another" }))
          // Some databases find the duplicate themselves.
          const error = yield* failureOf(session.flush)
          expect(["FlushError", "IntegrityError"]).toContain(error._tag)
          yield* session.rollback
          expect(yield* session.scalar(select(count().as("n")).from(Country))).toBe(1)
        }),
      ),
    )
  })
}
