import { join } from "node:path"
import {
  createAll,
  createEngine,
  type Engine,
  Entity,
  eq,
  inspect,
  integer,
  manyToOne,
  Session,
  select,
  sessionMaker,
  table,
  text,
} from "@offloop/orm-async/sync"
import { describe, expect, it } from "vitest"
import { sqlite } from "../src/index.ts"
import { temporaryFolder } from "./temporary-folder.ts"

const countries = table("countries", { code: text().primaryKey(), name: text().unique() })
const cities = table("cities", {
  id: integer().primaryKey(),
  name: text(),
  countryCode: text("country_code").references(() => countries.c.code),
})
class Country extends Entity(countries) {}
class City extends Entity(cities, { country: manyToOne(() => Country) }) {}

const folder = temporaryFolder()
let made = 0

const withEngine = (run: (engine: Engine) => void): void => {
  using engine = createEngine(`sqlite:///${join(folder, `sync${++made}.db`)}`, { driver: sqlite })
  engine.execute(createAll([countries, cities]))
  run(engine)
  expect(engine.pool.statistics().checkedOut).toBe(0)
}

const norway = () => new Country({ code: "NO", name: "Norway" })

describe("a session in the sync style", () => {
  it("loads, writes, refreshes and streams objects", () =>
    withEngine((engine) => {
      {
        using session = Session.make(engine)
        const oslo = new City({ name: "Oslo", country: norway() })
        session.add(oslo)
        session.commit()
        expect(oslo.id).toBe(1)
        expect(session.get(City, 1)).toBe(oslo)
      }
      using session = Session.make(engine)
      const oslo = session.getOne(City, 1)
      session.refresh(oslo, ["country"])
      expect(oslo.country.name).toBe("Norway")
      oslo.name = "Christiania"
      expect(session.scalar(select(City.c.name))).toBe("Christiania")
      expect(session.scalars(select(City).where(eq(City.c.name, "Christiania"))).one()).toBe(oslo)
      expect([...session.stream(select(City))]).toEqual([oslo])
      const other = Session.make(engine)
      const merged = session.merge(new City({ id: 1, name: "Oslo again", countryCode: "NO" }))
      expect(merged).toBe(oslo)
      other[Symbol.dispose]()
      session.rollback()
      expect(oslo.name).toBe("Oslo")
    }))

  it("runs blocks, which commit or roll back", () =>
    withEngine((engine) => {
      const sessions = sessionMaker(engine, { info: { from: "maker" } })
      const mine = new Error("mine")
      const country = norway()
      expect(
        sessions.begin((session) => {
          session.add(country)
          expect(session.info).toEqual({ from: "maker" })
          expect(() =>
            session.beginNested((nested) => {
              nested.add(new Country({ code: "SE", name: "Sweden" }))
              nested.flush()
              throw mine
            }),
          ).toThrow(mine)
          expect(session.noAutoflush((inside) => inside.execute(select(Country)).all())).toEqual([country])
          return 42
        }),
      ).toBe(42)
      expect(() =>
        sessions.begin((session) => {
          session.delete(session.getOne(Country, "NO"))
          session.flush()
          throw mine
        }),
      ).toThrow(mine)
      using session = sessions.session()
      expect(session.scalars(select(Country.c.code)).all()).toEqual(["NO"])
      expect(() => session.begin(() => undefined)).toThrow(/already begun/)
    }))

  it("throws the typed errors, and puts objects back", () =>
    withEngine((engine) => {
      using session = Session.make(engine)
      session.add(norway())
      session.commit()
      const again = new Country({ code: "N2", name: "Norway" })
      session.add(again)
      expect(() => session.commit()).toThrow(expect.objectContaining({ _tag: "IntegrityError" }))
      expect(inspect(again).state).toBe("transient")
      expect(() => session.flush()).toThrow(expect.objectContaining({ _tag: "PendingRollbackError" }))
      session.rollback()
      expect(() => session.getOne(Country, "XX")).toThrow(expect.objectContaining({ _tag: "NoResultFound" }))
      expect(() => Session.make({} as never)).toThrow(expect.objectContaining({ _tag: "ArgumentError" }))
      expect(() => Session.make(engine, { autoflush: 1 as never })).toThrow("Session.make: autoflush must be a boolean")
    }))

  it("works in a savepoint of a connection that is in a transaction", () =>
    withEngine((engine) => {
      using conn = engine.connect()
      conn.begin((transaction) => {
        using session = Session.make(conn)
        session.add(norway())
        session.commit()
        expect(session.connection()).toBe(conn)
        expect(conn.scalar(select(countries.c.code))).toBe("NO")
        transaction.rollback()
      })
      expect(conn.execute(select(countries)).all()).toEqual([])
      using session = Session.make(engine)
      const own = session.connection()
      expect(session.connection()).toBe(own)
      session.invalidate()
      expect(own.closed).toBe(true)
    }))
})
