import * as Effect from "effect/Effect"
import { describe, expect } from "vitest"
import { AsyncSession, asyncSessionMaker, createAsyncEngine } from "../promise.ts"
import { createAll, select } from "../statement/index.ts"
import type { Contract } from "./contract.ts"
import { City, Country, worldTables } from "./sample-entities.ts"
import { makeNorway } from "./session-world.ts"

/** Sessions in the Promise style. */
export const sessionPromiseContract = ({ test, subject }: Contract): void => {
  describe("in the Promise style", () => {
    test("works the same", ({ url }) =>
      Effect.promise(async () => {
        await using engine = await createAsyncEngine(url, { driver: subject.driver, placement: subject.placement })
        await engine.begin(async (conn) => {
          await conn.execute(createAll(worldTables))
        })
        const sessions = asyncSessionMaker(engine)
        const { norway, oslo, ...others } = makeNorway()
        const id = await sessions.begin(async (session) => {
          session.addAll([norway, oslo, ...Object.values(others)])
          await session.flush()
          return oslo.id
        })
        {
          await using session = await AsyncSession.make(engine)
          const city = await session.getOne(City, id)
          expect(city).toBeInstanceOf(City)
          await session.refresh(city, ["country"])
          expect(city.country.name).toBe("Norway")
          city.name = "Christiania"
          const failure = new Error("no")
          const failed = session.beginNested(async (nested) => {
            nested.add(new Country({ code: "SE", name: "Sweden" }))
            await nested.flush()
            throw failure
          })
          await expect(failed).rejects.toBe(failure)
          await session.commit()
          const names: Array<string> = []
          for await (const one of session.stream(select(City).orderBy(City.c.name))) names.push(one.name)
          expect(names).toEqual(["Christiania", "Drammen"])
          expect((await session.scalars(select(Country))).one()).toBe(city.country)
          await expect(session.getOne(Country, "SE")).rejects.toMatchObject({ _tag: "NoResultFound" })
          session.autoflush = false
          session.add(new Country({ code: "DK", name: "Denmark" }))
          expect((await session.execute(select(Country))).all()).toHaveLength(1)
        }
        // Nothing that was not committed has stayed.
        await using after = await sessions.session()
        expect((await after.scalars(select(Country.c.code))).all()).toEqual(["NO"])
      }))
  })
}
