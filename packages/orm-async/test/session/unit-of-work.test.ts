import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Entity } from "../../src/entity/entity.ts"
import { stateOf } from "../../src/entity/instance.ts"
import type { InstanceState } from "../../src/entity/instance-state.ts"
import { type AnyEntityClass, manyToOne } from "../../src/entity/many-to-one.ts"
import type { AnyColumn } from "../../src/expression/index.ts"
import { integer, table, text } from "../../src/schema/index.ts"
import { type FlushStep, type FlushWork, planFlush } from "../../src/session/unit-of-work.ts"
import { City, Country, Employee, Region } from "../entity/world.ts"

/** Two tables that refer to each other. */
const authors = table("authors", {
  id: integer().primaryKey(),
  name: text(),
  favouriteId: integer()
    .nullable()
    .references((): AnyColumn => books.c.id),
})
const books = table("books", {
  id: integer().primaryKey(),
  name: text(),
  authorId: integer()
    .nullable()
    .references(() => authors.c.id),
})
class Author extends Entity(authors, {
  favourite: manyToOne<Book, "favouriteId">((): AnyEntityClass => Book, { foreignKey: "favouriteId" }),
}) {}
class Book extends Entity(books, { author: manyToOne(() => Author) }) {}

const work = (given: Partial<Record<keyof FlushWork, ReadonlyArray<object>>>): FlushWork => ({
  inserts: (given.inserts ?? []).map(stateOf),
  updates: (given.updates ?? []).map(stateOf),
  deletes: (given.deletes ?? []).map(stateOf),
})

/** Makes an object persistent without a session, as loading it does. */
const persistent = <E extends object>(entity: E): E => {
  const state = stateOf(entity)
  state.key = state.mapper.keyOf(state.values)
  return entity
}

const flat = (steps: ReadonlyArray<FlushStep>): ReadonlyArray<readonly [FlushStep["kind"], InstanceState]> =>
  steps.flatMap((step) => step.states.map((state) => [step.kind, state] as const))

const names = (steps: ReadonlyArray<FlushStep>) =>
  steps.map((step) => `${step.kind} ${step.mapper.name} x${step.states.length}`)

describe("planFlush", () => {
  it("inserts parents before children, each table in one step", () => {
    const norway = new Country({ code: "NO", name: "Norway" })
    const viken = new Region({ country: norway, code: "30", name: "Viken" })
    const oslo = new City({ name: "Oslo", country: norway, region: viken })
    const bergen = new City({ name: "Bergen", country: norway })
    const steps = planFlush(work({ inserts: [oslo, viken, bergen, norway] }))
    expect(names(steps)).toEqual(["insert Country x1", "insert Region x1", "insert City x2"])
    expect(steps[2]?.states).toEqual([stateOf(oslo), stateOf(bergen)])
  })

  it("deletes children before parents, after everything else", () => {
    const norway = persistent(new Country({ code: "NO", name: "Norway" }))
    const oslo = persistent(new City({ id: 1, name: "Oslo", countryCode: "NO" }))
    const sweden = new Country({ code: "SE", name: "Sweden" })
    const steps = planFlush(work({ inserts: [sweden], deletes: [norway, oslo] }))
    expect(names(steps)).toEqual(["insert Country x1", "delete City x1", "delete Country x1"])
  })

  it("updates rows in the order of their keys", () => {
    const rows = [3, 1, 2].map((id) => persistent(new City({ id, name: "x", countryCode: "NO" })))
    const [step] = planFlush(work({ updates: rows }))
    expect(step?.states.map(({ key }) => key)).toEqual([1, 2, 3])
  })

  it("makes a step for each level of a table that refers to itself with generated keys", () => {
    const boss = new Employee({ name: "boss" })
    const middle = [1, 2].map((n) => new Employee({ name: `m${n}`, manager: boss }))
    const low = new Employee({ name: "low", manager: middle[0] as Employee })
    const steps = planFlush(work({ inserts: [low, ...middle, boss] }))
    expect(steps.map((step) => step.states.map(({ values }) => values.name))).toEqual([["boss"], ["m1", "m2"], ["low"]])
  })

  it("needs one step where the keys of a table that refers to itself are known", () => {
    const rows = Array.from({ length: 100 }, (_, at) => new Employee({ id: at + 1, name: "x", managerId: at || null }))
    const steps = planFlush(work({ inserts: rows.toReversed() }))
    expect(steps).toHaveLength(1)
    expect(steps[0]?.ordered).toBe(true)
    expect(steps[0]?.states.map(({ values }) => values.id)).toEqual(rows.map((_, at) => at + 1))
  })

  it("deletes the rows of a table that refers to itself from the leaves up", () => {
    const rows = [1, 2, 3].map((id) => persistent(new Employee({ id, name: "x", managerId: id - 1 || null })))
    const [step] = planFlush(work({ deletes: rows }))
    expect(step?.states.map(({ key }) => key)).toEqual([3, 2, 1])
  })

  it("orders a delete by the stored reference, not by one that was not flushed", () => {
    const [first, second] = [1, 2].map((id) => persistent(new Employee({ id, name: "x", managerId: null })))
    const child = persistent(new Employee({ id: 3, name: "child", managerId: 1 }))
    child.managerId = 2
    const [step] = planFlush(work({ deletes: [first as Employee, second as Employee, child] }))
    const order = step?.states.map(({ key }) => key) ?? []
    expect(order.indexOf(3)).toBeLessThan(order.indexOf(1))
  })

  it("lets a row with a known key refer to itself", () => {
    expect(planFlush(work({ inserts: [new Employee({ id: 1, name: "self", managerId: 1 })] }))).toHaveLength(1)
  })

  it("names the objects of a circle", () => {
    const a = new Employee({ name: "a" })
    const b = new Employee({ name: "b", manager: a })
    a.manager = b
    expect(() => planFlush(work({ inserts: [a, b] }))).toThrow(
      expect.objectContaining({
        _tag: "CircularDependencyError",
        message: expect.stringMatching(/Employee\(id: not set\) -> Employee\(id: not set\) -> Employee\(id: not set\)/),
      }),
    )
    const self = new Employee({ name: "self" })
    self.manager = self
    expect(() => planFlush(work({ inserts: [self] }))).toThrow(
      expect.objectContaining({ _tag: "CircularDependencyError" }),
    )
  })

  it("orders rows of two tables that refer to each other", () => {
    const first = new Author({ name: "first" })
    const book = new Book({ name: "book", author: first })
    const reader = new Author({ name: "reader", favourite: book })
    const steps = planFlush(work({ inserts: [reader, book, first] }))
    expect(flat(steps).map(([, state]) => state.entity)).toEqual([first, book, reader])
  })

  it("keeps every insert after what it refers to, every delete before it, and each change once", () => {
    const classes = [Country, Region, City, Employee, Author, Book] as const
    type Node = { readonly entity: object; readonly parents: ReadonlyArray<object> }
    const graph = fc
      .array(fc.tuple(fc.nat(classes.length - 1), fc.nat(), fc.nat(), fc.boolean()), { maxLength: 60 })
      .map((specs) => {
        const nodes: Array<Node> = []
        const of = <E extends object>(cls: abstract new (...args: never) => E, pick: number): E | undefined => {
          const found = nodes.map(({ entity }) => entity).filter((entity): entity is E => entity instanceof cls)
          return found[pick % Math.max(found.length, 1)]
        }
        specs.forEach(([kind, pick, other, linked], at) => {
          const cls = classes[kind] as (typeof classes)[number]
          const entity = new (cls as unknown as new (init: object) => object)({ name: `n${at}` })
          const parents: Array<object> = []
          const link = (name: string, parent: object | undefined) => {
            if (parent === undefined) return
            Reflect.set(entity, name, parent)
            parents.push(parent)
          }
          if (cls === Country) Reflect.set(entity, "code", `c${at}`)
          if (cls === Region) {
            Reflect.set(entity, "code", `r${at}`)
            link("country", of(Country, pick))
          }
          if (cls === City) link("country", of(Country, pick))
          if (cls === Employee && linked) link("manager", of(Employee, pick))
          if (cls === Author && linked) link("favourite", of(Book, other))
          if (cls === Book && linked) link("author", of(Author, other))
          nodes.push({ entity, parents })
        })
        return nodes
      })
    fc.assert(
      fc.property(graph, fc.integer(), (nodes, seed) => {
        const shuffled = nodes
          .map((node, at) => [node, Math.imul(at + 1, seed | 1) >>> 0] as const)
          .sort(([, a], [, b]) => a - b)
          .map(([node]) => node)
        const inserts = planFlush(work({ inserts: shuffled.map(({ entity }) => entity) }))
        const order = new Map(flat(inserts).map(([, state], at) => [state.entity, at]))
        expect(flat(inserts)).toHaveLength(nodes.length)
        expect(order.size).toBe(nodes.length)
        const stepOf = new Map(inserts.flatMap((step, at) => step.states.map((state) => [state.entity, at] as const)))
        for (const { entity, parents } of nodes) {
          for (const parent of parents) {
            expect(order.get(parent)).toBeLessThan(order.get(entity) as number)
            const generated = !(parent instanceof Country) && !(parent instanceof Region)
            if (generated) expect(stepOf.get(parent)).toBeLessThan(stepOf.get(entity) as number)
          }
        }

        // The same rows, now stored, are deleted in the opposite order.
        nodes.forEach(({ entity }, at) => {
          const state = stateOf(entity)
          if (state.values.id === undefined && state.mapper.hasColumn("id")) state.values.id = at + 1
        })
        for (const { entity } of nodes) {
          const state = stateOf(entity)
          for (const reference of state.mapper.references) {
            const parent = state.references?.[reference.name]
            for (const { local, remote } of reference.pairs) {
              if (parent) state.values[local] = stateOf(parent).values[remote]
            }
          }
          persistent(entity)
        }
        const deletes = planFlush(work({ deletes: shuffled.map(({ entity }) => entity) }))
        const deleted = new Map(flat(deletes).map(([, state], at) => [state.entity, at]))
        expect(flat(deletes)).toHaveLength(nodes.length)
        expect(deleted.size).toBe(nodes.length)
        for (const { entity, parents } of nodes) {
          for (const parent of parents) expect(deleted.get(entity)).toBeLessThan(deleted.get(parent) as number)
        }
      }),
      { numRuns: 200 },
    )
  })

  it("plans deep chains without recursion", () => {
    let manager: Employee | null = null
    const chain: Array<Employee> = []
    for (let at = 0; at < 20_000; at++) {
      manager = new Employee({ id: at + 1, name: "x", manager })
      chain.push(manager)
    }
    expect(planFlush(work({ inserts: chain }))).toHaveLength(1)
  })
})
