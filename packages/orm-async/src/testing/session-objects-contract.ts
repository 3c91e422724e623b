import * as Effect from "effect/Effect"
import { describe, expect } from "vitest"
import { AsyncSession } from "../effect/async-session.ts"
import { inspect } from "../entity/index.ts"
import type { SessionError } from "../session/index.ts"
import { select, update } from "../statement/index.ts"
import { type Contract, failureOf } from "./contract.ts"
import { Capital, City, Country, cities, countries, Place, Reading, Region } from "./sample-entities.ts"
import { commitNorway, committed, withSession } from "./session-world.ts"

/** Objects and the rows that they stand for. */
export const sessionObjectsContract = ({ test }: Contract): void => {
  describe("objects", () => {
    test(
      "are one for each row, and get finds them by simple and composite keys",
      withSession((session, { engine }) =>
        Effect.gen(function* () {
          const { norway, viken, oslo } = yield* commitNorway(session)
          expect(yield* session.get(Country, "NO")).toBe(norway)
          expect(yield* session.get(Region, { code: "30", countryCode: "NO" })).toBe(viken)
          expect(yield* session.get(Country, "XX")).toBe(null)
          expect((yield* failureOf(session.getOne(Country, "XX")))._tag).toBe("NoResultFound")
          const all = (yield* session.scalars(select(City).orderBy(City.c.name))).all()
          expect(all[1]).toBe(oslo)
          yield* session.commit

          const other = yield* AsyncSession.make(engine)
          const copy = yield* other.getOne(City, oslo.id)
          expect(copy).not.toBe(oslo)
          expect(copy).toBeInstanceOf(City)
          expect(copy.label).toBe("Oslo, NO")
          expect(copy.toJSON()).toEqual(oslo.toJSON())
          expect(yield* other.get(City, oslo.id)).toBe(copy)
        }),
      ),
    )

    test(
      "are one for each row, whatever classes are mapped to its table",
      withSession((session, { engine }) =>
        Effect.gen(function* () {
          const { oslo, drammen, norway } = yield* commitNorway(session)
          const wrong: ReadonlyArray<Effect.Effect<unknown, SessionError>> = [
            session.get(Capital, oslo.id),
            session.get(Place, oslo.id),
            session.execute(select(Place)),
            session.merge(new Capital({ ...oslo })),
          ]
          for (const attempt of wrong) {
            expect(yield* failureOf(attempt)).toMatchObject({
              _tag: "InvalidRequestError",
              message: expect.stringMatching(
                /^City\(id: \d+\) is in this session, and its row cannot be an object of (Capital|Place) as well/,
              ),
            })
          }
          expect(() => session.identityMap.get(Capital, oslo.id)).toThrow(/cannot be an object of Capital/)
          session.expunge(oslo)
          const capital = yield* session.getOne(Capital, oslo.id)
          expect(capital).toBeInstanceOf(Capital)
          // A capital is a city: one object serves who asks for either.
          expect(yield* session.get(City, oslo.id)).toBe(capital)
          expect(new Set((yield* session.scalars(select(City))).all())).toEqual(new Set([capital, drammen]))
          capital.name = "Christiania"
          const place = new Place({ id: oslo.id, name: "third", countryCode: norway.code })
          session.add(place)
          expect(["FlushError", "IntegrityError"]).toContain((yield* failureOf(session.commit))._tag)
          yield* session.rollback
          capital.name = "Christiania"
          yield* session.commit
          const other = yield* AsyncSession.make(engine)
          expect((yield* other.getOne(Place, oslo.id)).name).toBe("Christiania")
        }),
      ),
    )

    test(
      "have keys that compare as their types compare",
      withSession((session) =>
        Effect.gen(function* () {
          const sensor = "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"
          const reading = new Reading({ sensor, depth: "01.5", at: "10:00:00.50" })
          session.add(reading)
          yield* session.flush
          const same = { sensor: sensor.toLowerCase(), depth: "1.50", at: "10:00:00.5" }
          expect(yield* session.get(Reading, same)).toBe(reading)
          expect((yield* session.scalars(select(Reading))).all()).toEqual([reading])
          expect((yield* session.scalars(select(Reading))).first()).toBe(reading)
          reading.note = "seen"
          yield* session.commit
          expect(session.identityMap.size).toBe(1)
          session.expunge(reading)
          const loaded = yield* session.getOne(Reading, { sensor, depth: "1.5", at: "10:00:00.500" })
          expect(loaded.note).toBe("seen")
          expect(yield* session.get(Reading, { ...same, at: "10:00:00.51" })).toBe(null)
        }),
      ),
    )

    test(
      "say how a key is given",
      withSession((session) =>
        Effect.gen(function* () {
          const wrong: ReadonlyArray<Effect.Effect<object | null, SessionError>> = [
            session.get(Region, "30" as never),
            session.get(Region, { code: "30" } as never),
            session.get(Country, { code: "NO", name: "Norway" } as never),
            session.get(Country, null as never),
          ]
          for (const get of wrong) {
            expect(yield* failureOf(get)).toMatchObject({
              _tag: "InvalidRequestError",
              message: expect.stringContaining("The primary key of"),
            })
          }
        }),
      ),
    )

    test(
      "find what they refer to in the session, and otherwise say how to load it",
      withSession((session, { engine }) =>
        Effect.gen(function* () {
          const { drammen } = yield* commitNorway(session)
          const other = yield* AsyncSession.make(engine)
          const city = yield* other.getOne(City, drammen.id)
          expect(() => city.country).toThrow(
            expect.objectContaining({
              _tag: "InvalidRequestError",
              message: expect.stringContaining('refresh(entity, ["country"])'),
            }),
          )
          expect(inspect(city).unloaded).toEqual(["country", "region"])
          yield* other.refresh(city, ["country", "region"])
          expect(city.country.name).toBe("Norway")
          expect(city.region?.name).toBe("Viken")
          // The region's country is in the session by now.
          expect(city.region?.country).toBe(city.country)
          expect(inspect(city).changes).toEqual({})
        }),
      ),
    )

    test(
      "keep what the program has read, until they are refreshed",
      withSession((session, { engine }) =>
        Effect.gen(function* () {
          const { oslo } = yield* commitNorway(session)
          yield* engine.begin((conn) => conn.execute(update(cities).set({ name: "elsewhere", population: 1n })))
          const found = (yield* session.scalars(select(City).orderBy(City.c.id))).all()
          expect(found).toContain(oslo)
          expect(oslo.name).toBe("Oslo")
          yield* session.refresh(oslo, ["population"])
          expect([oslo.name, oslo.population]).toEqual(["Oslo", 1n])
          yield* session.refresh(oslo)
          expect(oslo.name).toBe("elsewhere")
          yield* session.rollback
          yield* engine.begin((conn) => conn.execute(update(cities).set({ name: "again" })))
          yield* session.get(City, oslo.id, { populateExisting: true })
          expect(oslo.name).toBe("again")
        }),
      ),
    )

    test(
      "can be locked when they are read",
      withSession((session) =>
        Effect.gen(function* () {
          const { norway } = yield* commitNorway(session)
          expect(yield* session.get(Country, "NO", { withForUpdate: true })).toBe(norway)
          yield* session.refresh(norway, undefined, { withForUpdate: true })
          expect(norway.name).toBe("Norway")
        }),
      ),
    )

    test(
      "expire on request: reading throws until they are loaded again",
      withSession((session) =>
        Effect.gen(function* () {
          const { oslo, norway } = yield* commitNorway(session)
          oslo.name = "lost"
          session.expire(oslo)
          expect(session.dirty.size).toBe(0)
          expect(oslo.id).toBeTypeOf("number")
          expect(() => oslo.name).toThrow(
            expect.objectContaining({
              _tag: "InvalidRequestError",
              message: expect.stringContaining("City.name has expired"),
            }),
          )
          yield* session.refresh(oslo)
          expect(oslo.name).toBe("Oslo")
          session.expire(norway, ["name"])
          expect(norway.code).toBe("NO")
          expect(yield* session.get(Country, "NO")).toBe(norway)
          expect(norway.name).toBe("Norway")
          session.expireAll()
          yield* session.execute(select(City))
          expect(oslo.name).toBe("Oslo")
        }),
      ),
    )

    test(
      "expire on commit where the session is told so",
      withSession(
        (session) =>
          Effect.gen(function* () {
            const { oslo } = yield* commitNorway(session)
            expect(inspect(oslo).expired).toBe(true)
            expect(() => oslo.name).toThrow(expect.objectContaining({ _tag: "InvalidRequestError" }))
            yield* session.refresh(oslo)
            expect(oslo.name).toBe("Oslo")
          }),
        { expireOnCommit: true },
      ),
    )

    test(
      "cannot be refreshed when their row is gone",
      withSession((session, { engine }) =>
        Effect.gen(function* () {
          const country = new Country({ code: "XX", name: "gone" })
          session.add(country)
          yield* session.commit
          const other = yield* AsyncSession.make(engine)
          other.delete(yield* other.getOne(Country, "XX"))
          yield* other.commit
          expect(yield* failureOf(session.refresh(country))).toMatchObject({
            _tag: "InvalidRequestError",
            message: expect.stringContaining("its row is gone"),
          })
          session.expire(country)
          expect(yield* session.get(Country, "XX")).toBe(null)
        }),
      ),
    )

    test(
      "come from another session by merge, with what they refer to",
      withSession((session, env) =>
        Effect.gen(function* () {
          const { oslo, norway } = yield* commitNorway(session)
          const other = yield* AsyncSession.make(env.engine)
          const loaded = yield* other.getOne(City, oslo.id)
          yield* other.refresh(loaded, ["country"])
          yield* other.close
          loaded.name = "Christiania"
          loaded.country.name = "Noreg"
          const merged = yield* session.merge(loaded)
          expect(merged).toBe(oslo)
          expect(norway.name).toBe("Noreg")
          expect(oslo.country).toBe(norway)
          const sweden = new Country({ code: "SE", name: "Sweden" })
          const made = yield* session.merge(new City({ name: "Malmö", country: sweden }))
          expect(inspect(sweden).state).toBe("transient")
          expect(inspect(made).state).toBe("pending")
          yield* session.commit
          expect(made.country).not.toBe(sweden)
          expect(yield* committed(env, select(countries).orderBy(countries.c.code))).toEqual([
            { code: "NO", name: "Noreg" },
            { code: "SE", name: "Sweden" },
          ])
        }),
      ),
    )

    test(
      "belong to one session at a time",
      withSession((session, { engine }) =>
        Effect.gen(function* () {
          const { oslo, norway } = yield* commitNorway(session)
          const other = yield* AsyncSession.make(engine)
          expect(() => other.add(oslo)).toThrow(
            expect.objectContaining({
              _tag: "InvalidRequestError",
              message: expect.stringContaining("another session"),
            }),
          )
          expect(() => other.add(new City({ name: "new", country: norway }))).toThrow(/another session/)
          expect(other.new.size).toBe(0)
          expect(() => other.delete(new City({ name: "new", countryCode: "NO" }))).toThrow(/has not been flushed/)
          expect(() => other.expunge(oslo)).toThrow(/not in this session/)
          expect(() => other.add({} as never)).toThrow(expect.objectContaining({ _tag: "InvalidRequestError" }))
          session.expunge(oslo)
          expect(inspect(oslo).state).toBe("detached")
          oslo.country = new Country({ code: "SE", name: "Sweden" })
          other.add(oslo)
          yield* other.commit
          expect((yield* session.getOne(City, oslo.id)).countryCode).toBe("SE")
        }),
      ),
    )
  })
}
