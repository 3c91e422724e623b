import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { stateOf } from "../../src/entity/instance.ts"
import type { InstanceState } from "../../src/entity/instance-state.ts"
import { prepareDeletes, prepareInserts, prepareUpdates } from "../../src/session/flush-batches.ts"
import { SessionState } from "../../src/session/session-state.ts"
import { City, Country, Employee, Region } from "../entity/world.ts"

const persistent = <E extends object>(entity: E, session?: SessionState): E => {
  const state = stateOf(entity)
  state.key = state.mapper.keyOf(state.values)
  session?.add(entity)
  return entity
}

const loadedCity = (id: number): City =>
  persistent(
    new City({
      id,
      name: `city${id}`,
      countryCode: "NO",
      note: null,
      regionCode: null,
      population: 0n,
      capital: false,
      addedAt: new Date(0),
    }),
  )

const flushError = (message: RegExp) =>
  expect.objectContaining({ _tag: "FlushError", message: expect.stringMatching(message) })

describe("prepareInserts", () => {
  it("fills in keys of parents, defaults and NULLs, and leaves the rest to the database", () => {
    const norway = persistent(new Country({ code: "NO", name: "Norway" }))
    const city = new City({ name: "Oslo", country: norway })
    const [batch] = prepareInserts([stateOf(city)], false)
    expect(stateOf(city).values).toEqual({
      id: undefined,
      name: "Oslo",
      population: 0n,
      capital: false,
      note: null,
      countryCode: "NO",
      regionCode: null,
      addedAt: undefined,
    })
    expect(batch?.returning.map(({ key }) => key)).toEqual(["id", "addedAt"])
  })

  it("puts each row in one batch, whose rows leave the same columns to the database, and takes everything back", () => {
    const spec = fc.record({
      id: fc.option(fc.nat(), { nil: undefined }),
      note: fc.option(fc.string(), { nil: undefined }),
      population: fc.option(fc.bigInt(), { nil: undefined }),
      addedAt: fc.option(fc.date({ noInvalidDate: true }), { nil: undefined }),
      reference: fc.constantFrom("country", "region", "both", "none"),
    })
    fc.assert(
      fc.property(fc.array(spec, { maxLength: 40 }), fc.boolean(), (specs, ordered) => {
        const session = new SessionState(() => {})
        const norway = persistent(new Country({ code: "NO", name: "Norway" }), session)
        const viken = persistent(new Region({ countryCode: "NO", code: "30", name: "Viken" }), session)
        const states = specs.map(({ reference, ...values }) => {
          const references = {
            country: { country: norway },
            region: { region: viken },
            both: { country: norway, region: viken },
            none: { countryCode: "NO" },
          }[reference]
          const city = new City({ name: "x", ...values, ...references } as never)
          session.add(city)
          return stateOf(city)
        })
        const before = states.map((state) => ({ ...state.values }))
        const position = session.log.position
        const batches = prepareInserts(states, ordered)
        for (const batch of batches) session.log.push({ kind: "inserted", states: batch.states, filled: batch.filled })

        const written = batches.flatMap((batch) => batch.states)
        expect(new Set(written)).toEqual(new Set(states))
        expect(written).toHaveLength(states.length)
        if (ordered) expect(written).toEqual(states)
        for (const batch of batches) {
          for (const state of batch.states) {
            const unset = state.mapper.columns.filter(({ key }) => state.values[key] === undefined)
            expect(unset).toEqual(batch.returning)
            expect(state.values.countryCode).toBe("NO")
          }
        }
        if (!ordered) {
          const shapes = batches.map((batch) => batch.returning.map(({ key }) => key).join())
          expect(new Set(shapes).size).toBe(shapes.length)
        }
        session.rollbackTo(position, false)
        expect(states.map((state) => state.values)).toEqual(before)
      }),
    )
  })

  it("changes nothing if an object cannot be written", () => {
    const norway = persistent(new Country({ code: "NO", name: "Norway" }))
    const good = new City({ name: "Oslo", country: norway })
    const bad = new City({ name: "x", country: new Country({ code: "SE", name: "not in the session" }) })
    const before = [good, bad].map((city) => ({ ...stateOf(city).values }))
    expect(() => prepareInserts([stateOf(good), stateOf(bad)], false)).toThrow(
      flushError(/City.*country refers to Country\(code: SE\), which is not in the session/),
    )
    expect([good, bad].map((city) => stateOf(city).values)).toEqual(before)
  })

  it("refuses references that disagree on a column, deleted parents, and missing values", () => {
    const norway = persistent(new Country({ code: "NO", name: "Norway" }))
    const sweden = new Country({ code: "SE", name: "Sweden" })
    const scania = new Region({ country: sweden, code: "M", name: "Skåne" })
    // Their keys were not known when they were set, and turn out to differ.
    const city = new City({ name: "x", region: scania, country: norway })
    stateOf(city).references = { region: scania, country: norway }
    persistent(scania)
    expect(() => prepareInserts([stateOf(city)], false)).toThrow(flushError(/disagree on countryCode/))

    const gone = persistent(new Country({ code: "XX", name: "gone" }))
    const orphan = new City({ name: "x", country: gone })
    stateOf(gone).deleted = true
    expect(() => prepareInserts([stateOf(orphan)], false)).toThrow(flushError(/which was deleted/))

    const nameless = new City({ countryCode: "NO" } as never)
    expect(() => prepareInserts([stateOf(nameless)], false)).toThrow(flushError(/name has no value. Set name/))
  })
})

describe("prepareUpdates", () => {
  it("groups rows by the columns that change, leaves out those without a net change, and is taken back", () => {
    const change = fc.constantFrom("name", "note", "population", "capital", "same", "back")
    fc.assert(
      fc.property(fc.array(fc.array(change, { maxLength: 4 }), { maxLength: 30 }), (plans) => {
        const session = new SessionState(() => {})
        const rows = plans.map((_, id) => loadedCity(id))
        for (const row of rows) session.add(row)
        const before = rows.map((row) => ({ ...stateOf(row).values }))
        const net = plans.map((plan, at) => {
          const row = rows[at] as City
          const changed = new Set<string>()
          for (const what of plan) {
            if (what === "same") row.addedAt = new Date(0)
            else if (what === "back") {
              row.capital = true
              row.capital = false
              changed.delete("capital")
            } else {
              Reflect.set(row, what, { name: "new", note: "new", population: 9n, capital: true }[what])
              changed.add(what)
            }
          }
          return changed
        })
        const states = rows.map(stateOf)
        const { batches, changes } = prepareUpdates(stateOf(loadedCity(0)).mapper, states)
        session.log.push({ kind: "updated", changes })
        for (const state of states) session.modified.delete(state)

        const written = new Map<InstanceState, ReadonlyArray<string>>()
        for (const batch of batches) {
          for (const [at, state] of batch.states.entries()) {
            expect(written.has(state)).toBe(false)
            written.set(state, batch.columns)
            expect(batch.parameters[at]).toEqual({
              key_id: state.values.id,
              ...Object.fromEntries(batch.columns.map((key) => [`value_${key}`, state.values[key]])),
            })
          }
        }
        expect(batches.length).toBe(new Set(batches.map(({ columns }) => columns.join())).size)
        states.forEach((state, at) => {
          expect(new Set(written.get(state))).toEqual(net[at])
          expect(state.hasChanges).toBe(false)
        })
        session.rollbackTo(0, false)
        expect(states.map((state) => state.values)).toEqual(before)
      }),
    )
  })

  it("finds the row by the key that it has in the database", () => {
    const country = persistent(new Country({ code: "SV", name: "Sweden" }))
    country.code = "SE"
    const { batches } = prepareUpdates(stateOf(country).mapper, [stateOf(country)])
    expect(batches[0]?.parameters).toEqual([{ key_code: "SV", value_code: "SE" }])
  })

  it("writes the key of an object that was inserted meanwhile", () => {
    const ann = persistent(new Employee({ id: 1, name: "Ann", managerId: null }))
    const boss = new Employee({ name: "boss" })
    ann.manager = boss
    expect(() => ann.managerId).toThrow(expect.objectContaining({ message: expect.stringMatching(/not known yet/) }))
    stateOf(boss).values.id = 7
    persistent(boss)
    const { batches } = prepareUpdates(stateOf(ann).mapper, [stateOf(ann)])
    expect(batches[0]?.parameters).toEqual([{ key_id: 1, value_managerId: 7 }])
    expect(ann.managerId).toBe(7)
  })

  it("puts back what it has taken if an object cannot be written", () => {
    const [good, bad] = [loadedCity(1), loadedCity(2)]
    good.name = "changed"
    bad.country = new Country({ code: "SE", name: "not in the session" })
    expect(() => prepareUpdates(stateOf(good).mapper, [stateOf(good), stateOf(bad)])).toThrow(
      flushError(/not in the session/),
    )
    expect(good.name).toBe("city1")
  })
})

describe("prepareDeletes", () => {
  it("finds rows by their stored keys and drops changes", () => {
    const city = loadedCity(3)
    city.id = 4
    const { parameters, changes } = prepareDeletes([stateOf(city)])
    expect(parameters).toEqual([{ key_id: 3 }])
    expect(changes[0]?.values).toEqual({ id: 3 })
    expect(stateOf(city).hasChanges).toBe(false)
  })
})
