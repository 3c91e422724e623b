import * as Effect from "effect/Effect"
import { describe, expect } from "vitest"
import { textClause } from "../statement/index.ts"
import { type Contract, failureOf } from "./contract.ts"

/** Tests how connections are opened, found and refused. */
export const connectContract = ({ subject, test }: Contract): void => {
  describe("connect", () => {
    test("opens no connection before one is asked for", ({ engine }) =>
      Effect.gen(function* () {
        expect(engine.pool.statistics().opened).toBe(0)
        yield* engine.connect
        expect(engine.pool.statistics().opened).toBe(1)
      }))

    test("answers a query", ({ engine }) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        expect(yield* conn.scalar(textClause("SELECT 1"))).toBe(1)
      }))

    test("gives the library's own connection where it is on this thread, and nothing where it is not", ({ engine }) =>
      Effect.gen(function* () {
        const conn = yield* engine.connect
        expect(conn.driverConnection !== undefined).toBe(subject.exposesDriverConnection)
      }))

    test("refuses an option that it does not know, names it and lists those that it knows", ({ open }) =>
      Effect.gen(function* () {
        const engine = yield* open({ connectArgs: { no_such_option: 1 } })
        const error = yield* failureOf(Effect.scoped(engine.connect))
        expect(error).toMatchObject({ _tag: "InterfaceError", isDisconnect: false })
        expect(error.message).toContain("no_such_option")
        expect(error.message).toContain("known ones are")
        expect(engine.pool.statistics()).toMatchObject({ opened: 0, checkedOut: 0 })
      }))

    test("is registered for its dialect once its package is imported", ({ open }) =>
      Effect.gen(function* () {
        const engine = yield* open({ driver: undefined })
        expect(engine.driver).toBe(subject.driver.name)
        const conn = yield* engine.connect
        expect(yield* conn.scalar(textClause("SELECT 2"))).toBe(2)
      }))

    test("accepts every placement that it declares, and no other", ({ open }) =>
      Effect.gen(function* () {
        for (const placement of ["worker", "inline"] as const) {
          const connect = Effect.scoped(
            Effect.gen(function* () {
              const engine = yield* open({ placement })
              const conn = yield* engine.connect
              return yield* conn.scalar(textClause("SELECT 3"))
            }),
          )
          if (subject.driver.capabilities.placements.includes(placement)) expect(yield* connect).toBe(3)
          else expect((yield* failureOf(connect))._tag).toBe("ArgumentError")
        }
      }))
  })
}
