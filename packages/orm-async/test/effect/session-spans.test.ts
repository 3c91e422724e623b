import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import { expect, it } from "vitest"
import { AsyncSession, select } from "../../src/index.ts"
import { driverError } from "../driver/scripted-driver.ts"
import { withEngine } from "../engine/open.ts"
import { Country } from "../entity/world.ts"

const insertCountry = 'INSERT INTO "countries" ("code", "name") VALUES (?, ?)'
const selectCountries = 'SELECT "countries"."code", "countries"."name" FROM "countries"'

/** A tracer that keeps what has ended: the statement, its outcome, and the span around it. */
const recorder = () => {
  const ended: Array<readonly [statement: unknown, outcome: string, parent: string | undefined]> = []
  const tracer = Tracer.make({
    context: (run) => run(),
    span: (name, parent, context, links, startTime, kind) => {
      const attributes = new Map<string, unknown>()
      return {
        _tag: "Span",
        spanId: name,
        traceId: "trace",
        sampled: true,
        name,
        parent,
        context,
        links,
        kind,
        attributes,
        status: { _tag: "Started", startTime },
        attribute: (key, value) => void attributes.set(key, value),
        addLinks: () => {},
        event: () => {},
        end: (_, exit) => {
          if (name !== "sql.execute") return
          const outcome = Exit.isSuccess(exit) ? "success" : Exit.isInterrupted(exit) ? "interrupted" : "failure"
          ended.push([attributes.get("db.query.text"), outcome, Option.getOrUndefined(parent)?.spanId])
        },
      }
    },
  })
  return { ended, tracer }
}

it("makes a span for each statement of a session, inside of the span that calls", () =>
  withEngine((engine, database) =>
    Effect.gen(function* () {
      const { ended, tracer } = recorder()
      database.answers.set(selectCountries, [["code", "name"], []])
      const norway = () => new Country({ code: "NO", name: "Norway" })
      const session = yield* AsyncSession.make(engine)
      const program = Effect.gen(function* () {
        session.add(norway())
        yield* Effect.withSpan(session.execute(select(Country)), "query")
        yield* session.rollback
        session.add(norway())
        database.fail(insertCountry, driverError())
        yield* Effect.exit(Effect.withSpan(session.commit, "commit"))
        yield* session.rollback
        const gate = database.hold(selectCountries)
        const running = yield* Effect.fork(session.execute(select(Country)))
        yield* gate.reached
        yield* Fiber.interrupt(running)
        yield* gate.open
        yield* session.rollback
      })
      yield* Effect.withTracer(program, tracer)
      expect(ended).toEqual([
        [insertCountry, "success", "query"],
        [selectCountries, "success", "query"],
        [insertCountry, "failure", "commit"],
        [selectCountries, "interrupted", undefined],
      ])
    }),
  ))

it("makes a span for each statement of a commit in one call", () =>
  withEngine((engine, database) =>
    Effect.gen(function* () {
      database.executesUnits = true
      const { ended, tracer } = recorder()
      const session = yield* AsyncSession.make(engine)
      const norway = new Country({ code: "NO", name: "Norway" })
      session.add(norway)
      yield* Effect.withTracer(session.commit, tracer)
      norway.name = "Noreg"
      yield* Effect.withTracer(session.commit, tracer)
      expect(ended.map(([statement, outcome]) => [statement, outcome])).toEqual([
        [insertCountry, "success"],
        ['UPDATE "countries" SET "name" = ? WHERE "countries"."code" = ?', "success"],
      ])
    }),
  ))
