import { isDeepStrictEqual, inspect as print } from "node:util"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type AnyEntityClass, Entity, inspect, manyToOne } from "../../src/entity/index.ts"
import { mapperOf } from "../../src/entity/mapper-registry.ts"
import { integer, json, table, text } from "../../src/schema/index.ts"
import { select } from "../../src/statement/index.ts"
import { City, Country, countries, Employee, Region } from "./world.ts"

const invalid = (message: string | RegExp) =>
  expect.objectContaining({ _tag: "InvalidRequestError", message: expect.stringMatching(message) })
const argument = (message: string | RegExp) =>
  expect.objectContaining({ _tag: "ArgumentError", message: expect.stringMatching(message) })

/** The functions that `console.log` writes with on the runtime of the test. */
const printers = (): ReadonlyArray<(value: unknown) => string> => {
  const { Bun, Deno } = globalThis as { readonly [runtime in "Bun" | "Deno"]?: { inspect: (value: unknown) => string } }
  return [print, ...[Bun, Deno].flatMap((runtime) => (runtime === undefined ? [] : [runtime.inspect]))]
}

describe("an entity", () => {
  it("has the values that it was made with, and the class's own members", () => {
    const city = new City({ name: "Oslo", countryCode: "NO" })
    expect(city).toBeInstanceOf(City)
    expect([city.name, city.countryCode, city.label]).toEqual(["Oslo", "NO", "Oslo (NO)"])
    city.name = "Bergen"
    expect(city.label).toBe("Bergen (NO)")
  })

  it("is null where a nullable column was not set, and otherwise says how to get a value", () => {
    const city = new City({ name: "Oslo", countryCode: "NO" })
    expect(city.note).toBe(null)
    expect(city.regionCode).toBe(null)
    expect(city.region).toBe(null)
    expect(() => city.id).toThrow(invalid(/City.id has no value yet.*flush/))
    expect(() => city.population).toThrow(invalid(/filled in when the object is inserted/))
    expect(() => new Region({ code: "1", name: "r", countryCode: "NO" }).country).toThrow(
      invalid(/Region.country has not been loaded/),
    )
  })

  it("is equal to another one with the same values, and to no other", () => {
    const make = (name: string) => new City({ id: 1, name, countryCode: "NO", population: 5n, addedAt: new Date(0) })
    const oslo = make("Oslo")
    expect(oslo).toEqual(make("Oslo"))
    expect(oslo).toStrictEqual(make("Oslo"))
    expect(oslo).not.toEqual(make("Bergen"))
    expect(isDeepStrictEqual(oslo, make("Oslo"))).toBe(true)
    expect(isDeepStrictEqual(oslo, make("Bergen"))).toBe(false)
    expect(isDeepStrictEqual(new Set([oslo]), new Set([make("Oslo")]))).toBe(true)
    expect([oslo]).not.toContainEqual(make("Bergen"))
    class Capital extends City {}
    expect(isDeepStrictEqual(oslo, new Capital({ ...oslo }))).toBe(false)
    const changed = make("Oslo")
    changed.name = "Bergen"
    expect(changed).toEqual(make("Bergen"))
  })

  it("can be read from a copy with its class, as comparisons make one to show differences", () => {
    const norway = new Country({ code: "NO", name: "Norway" })
    const copy: Country = Object.create(Country.prototype, Object.getOwnPropertyDescriptors(norway))
    expect([copy.code, copy.name]).toEqual(["NO", "Norway"])
    expect(JSON.stringify(copy)).toBe('{"code":"NO","name":"Norway"}')
    for (const printer of printers()) expect(printer(copy)).toBe(printer(norway))
    expect(() => expect(norway).toEqual({ code: "NO", name: "Sweden" })).toThrow(/to deeply equal/)
  })

  it("is told apart by its copies, which are no entities", () => {
    const norway = new Country({ code: "NO", name: "Norway" })
    const sweden = new Country({ code: "SE", name: "Sweden" })
    expect(Object.keys(norway)).toEqual(["$values"])
    expect({ ...norway }).toEqual({ $values: { code: "NO", name: "Norway" } })
    expect({ ...norway }).not.toEqual({ ...sweden })
    const clone = structuredClone(norway)
    expect(clone).toEqual({ $values: { code: "NO", name: "Norway" } })
    Object.assign(clone, { $values: { code: "XX" } })
    expect(norway.code).toBe("NO")
    for (const copy of [{ ...norway }, clone]) {
      expect(() => inspect(copy)).toThrow(
        invalid(/a copy of one, as \{\.\.\.entity\} or structuredClone\(entity\) make it/),
      )
    }
  })

  it("is made of a copy by its constructor", () => {
    const oslo = new City({ id: 1, name: "Oslo", countryCode: "NO", capital: true })
    const copy = new City({ ...oslo, id: undefined, name: "Christiania" })
    expect(inspect(copy)).toMatchObject({
      state: "transient",
      values: { name: "Christiania", countryCode: "NO", capital: true },
    })
    copy.name = "changed"
    expect(oslo.name).toBe("Oslo")
  })

  it("is its columns in JSON, with bigints and bytes as strings", () => {
    const blobs = table("blobs", { id: integer().primaryKey(), data: json().nullable(), raw: text() })
    class Blob extends Entity(blobs) {}
    const city = new City({ id: 1, name: "Oslo", countryCode: "NO", population: 2n ** 60n, addedAt: new Date(0) })
    expect(JSON.parse(JSON.stringify(city))).toEqual({
      id: 1,
      name: "Oslo",
      countryCode: "NO",
      population: "1152921504606846976",
      addedAt: "1970-01-01T00:00:00.000Z",
    })
    expect(new Blob({ raw: new Uint8Array([1, 2, 255]) as never }).toJSON()).toEqual({ raw: "AQL/" })
  })

  it("refuses properties that it does not have, undefined, and objects of another class", () => {
    const make = (values: object) => new Country(values as never)
    expect(() => make({ code: "NO", nmae: "Norway" })).toThrow(argument(/no property "nmae". Did you mean "name"/))
    expect(() => make({ code: "NO", entirelyElse: 1 })).toThrow(argument(/There are: code, name/))
    const city = new City({ name: "Oslo", countryCode: "NO" })
    expect(() => Reflect.set(city, "name", undefined)).toThrow(argument(/City.name was set to undefined/))
    expect(() => Reflect.set(city, "note", undefined)).toThrow(argument(/Use null for NULL/))
    for (const wrong of [{}, city, "NO", undefined]) {
      expect(() => Reflect.set(city, "country", wrong)).toThrow(argument(/City.country takes an instance of Country/))
    }
    expect(() => Reflect.set(city, "country", null)).toThrow(argument(/City.country cannot be null/))
  })

  it("takes the key of what it refers to at once if that has one, else on flush", () => {
    const norway = new Country({ code: "NO", name: "Norway" })
    const city = new City({ name: "Oslo", country: norway })
    expect(city.countryCode).toBe("NO")
    const boss = new Employee({ name: "boss" })
    const ann = new Employee({ name: "Ann", manager: boss })
    expect(() => ann.managerId).toThrow(invalid(/Employee.managerId has no value yet/))
    ann.manager = null
    expect(ann.managerId).toBe(null)
  })

  it("lets the last write win between a reference and its foreign key", () => {
    const norway = new Country({ code: "NO", name: "Norway" })
    const city = new City({ name: "Oslo", country: norway })
    city.countryCode = "SE"
    expect(() => city.country).toThrow(invalid(/has not been loaded/))
    city.country = norway
    expect(city.countryCode).toBe("NO")
    city.countryCode = "NO"
    expect(city.country).toBe(norway)
    // A region of another country takes the city there.
    const scania = new Region({ countryCode: "SE", code: "M", name: "Skåne" })
    city.region = scania
    expect([city.countryCode, city.regionCode]).toEqual(["SE", "M"])
    expect(() => city.country).toThrow(invalid(/has not been loaded/))
    city.region = null
    expect([city.countryCode, city.regionCode]).toEqual(["SE", null])
  })

  it("tells its state to inspect", () => {
    const city = new City({ name: "Oslo", countryCode: "NO" })
    expect(inspect(city)).toEqual({
      state: "transient",
      identity: undefined,
      values: { name: "Oslo", countryCode: "NO" },
      changes: {},
      unloaded: ["id", "population", "capital", "addedAt", "country"],
      expired: false,
    })
    expect(() => inspect({})).toThrow(invalid(/takes an instance of a mapped class/))
  })

  it("prints as its class and values", () => {
    const symbol = Symbol.for("nodejs.util.inspect.custom")
    const country = new Country({ code: "NO", name: "Norway" })
    const custom = Reflect.get(country, symbol) as (...args: ReadonlyArray<unknown>) => unknown
    expect(custom.call(country, 2, {}, JSON.stringify)).toBe('Country {"code":"NO","name":"Norway"}')
    expect(custom.call(country, 2, {})).toEqual({ code: "NO", name: "Norway" })
    for (const shown of printers()) {
      expect(shown(country).replaceAll('"', "'")).toBe("Country { code: 'NO', name: 'Norway' }")
      expect(shown([country])).toMatch(/Country \{.*Norway/)
    }
  })
})

describe("a mapping", () => {
  it("refuses names that collide, and tables without a key", () => {
    expect(() => Entity(countries, { name: manyToOne(() => Country) })).toThrow(
      argument(/reference "name" has the name of a column/),
    )
    expect(() => Entity(table("t", { id: integer().primaryKey(), toJSON: text() }))).toThrow(
      argument(/"toJSON" cannot be a property/),
    )
    class Keyless extends Entity(table("keyless", { name: text() })) {}
    expect(() => new Keyless({ name: "x" })).toThrow(argument(/table keyless has no primary key/))
    expect(() => manyToOne(Country as never)).not.toThrow()
    expect(() => manyToOne("Country" as never)).toThrow(argument(/takes a function/))
  })

  it("says when no foreign key, or more than one, leads to a reference's class", () => {
    const lonely = table("lonely", { id: integer().primaryKey(), name: text() })
    class Lonely extends Entity(lonely, { country: manyToOne(() => Country) }) {}
    expect(() => new Lonely({ name: "x" }).country).toThrow(argument(/table lonely has no foreign key to countries/))

    const flights = table("flights", {
      id: integer().primaryKey(),
      fromCode: text().references(() => countries.c.code),
      toCode: text().references(() => countries.c.code),
    })
    class Ambiguous extends Entity(flights, { from: manyToOne(() => Country) }) {}
    expect(() => new Ambiguous({ fromCode: "NO", toCode: "SE" }).from).toThrow(
      argument(/Ambiguous.from is ambiguous.*"fromCode", "toCode".*foreignKey: "fromCode"/),
    )
    class Wrong extends Entity(flights, { from: manyToOne(() => Country, { foreignKey: "id" }) }) {}
    expect(() => new Wrong({ fromCode: "NO", toCode: "SE" }).from).toThrow(
      argument(/the columns id are no foreign key/),
    )
    class Flight extends Entity(flights, {
      from: manyToOne(() => Country, { foreignKey: "fromCode" }),
      to: manyToOne(() => Country, { foreignKey: ["toCode"] }),
    }) {}
    const [norway, sweden] = [new Country({ code: "NO", name: "Norway" }), new Country({ code: "SE", name: "Sweden" })]
    const flight = new Flight({ from: norway, to: sweden })
    expect([flight.fromCode, flight.toCode]).toEqual(["NO", "SE"])
  })

  it("refuses what is no mapped class", () => {
    expect(() => mapperOf(class Plain {})).toThrow(argument(/Class Plain is not mapped/))
    expect(() => mapperOf({})).toThrow(argument(/A mapped class is required/))
    class Odd extends Entity(countries, { other: manyToOne((): AnyEntityClass => countries as never) }) {}
    expect(() => new Odd({ code: "NO", name: "x" }).other).toThrow(argument(/A mapped class is required/))
  })

  it("gives each class that extends it a mapper of its own", () => {
    class Other extends Entity(countries) {}
    expect(mapperOf(Other)).not.toBe(mapperOf(Country))
    expect(select(Country).selection.items[0]).toMatchObject({
      kind: "source",
      from: countries,
      entity: mapperOf(Country),
    })
  })
})

describe("an identity key", () => {
  it("is equal for equal values of every kind, and different for different ones", () => {
    const pairs = table("pairs", { a: text().primaryKey(), b: text().primaryKey() })
    class Pair extends Entity(pairs) {}
    const { identityKey } = mapperOf(Pair)
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (a, b, c, d) => {
        expect(identityKey([a, b]) === identityKey([c, d])).toBe(a === c && b === d)
      }),
    )
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const joined = `${a},${b}`
        expect(identityKey([joined, ""])).not.toBe(identityKey([a, b]))
      }),
    )
  })
})
