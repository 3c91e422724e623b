import * as Effect from "effect/Effect"
import * as fc from "effect/FastCheck"
import { describe, expect } from "vitest"
import type { AsyncSession } from "../effect/async-session.ts"
import { inspect } from "../entity/index.ts"
import { select } from "../statement/index.ts"
import type { Contract } from "./contract.ts"
import { Employee, employees } from "./sample-entities.ts"
import { withSession } from "./session-world.ts"

/** The expected content of a row: the model that the session is compared with. */
interface Row {
  readonly name: string
  readonly manager: Employee | null
}

type Model = ReadonlyMap<Employee, Row>

type Command =
  | { readonly kind: "add"; readonly manager: number | undefined }
  | { readonly kind: "rename"; readonly who: number }
  | { readonly kind: "delete"; readonly who: number }
  | { readonly kind: "move"; readonly who: number; readonly manager: number | undefined }
  | { readonly kind: "flush" }
  | { readonly kind: "commit" }
  | { readonly kind: "rollback" }
  | { readonly kind: "query" }
  | { readonly kind: "nested"; readonly fails: boolean; readonly inside: ReadonlyArray<Command> }

const someone = fc.nat(50)
const perhaps = fc.option(someone, { nil: undefined })
const simple: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), manager: perhaps }),
  fc.record({ kind: fc.constant("rename" as const), who: someone }),
  fc.record({ kind: fc.constant("delete" as const), who: someone }),
  fc.record({ kind: fc.constant("move" as const), who: someone, manager: perhaps }),
  fc.constant({ kind: "flush" as const }),
  fc.constant({ kind: "query" as const }),
)
const commands: fc.Arbitrary<ReadonlyArray<Command>> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: simple },
    { weight: 1, arbitrary: fc.constant({ kind: "commit" as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: "rollback" as const }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("nested" as const),
        fails: fc.boolean(),
        inside: fc.array(simple, { maxLength: 6 }),
      }),
    },
  ),
  { minLength: 5, maxLength: 40 },
)

const pick = (model: Model, at: number | undefined): Employee | undefined =>
  at === undefined || model.size === 0 ? undefined : [...model.keys()][at % model.size]

const isAbove = (model: Model, boss: Employee | null, who: Employee): boolean => {
  for (let one = boss; one !== null; one = model.get(one)?.manager ?? null) if (one === who) return true
  return false
}

/** Compares every object with the model, without I/O. */
const expectObjects = (model: Model): void => {
  for (const [employee, row] of model) expect([employee.name, employee.manager]).toEqual([row.name, row.manager])
}

/** Compares the database, as the session sees it, with the model. */
const expectRows = (session: AsyncSession, model: Model) =>
  Effect.gen(function* () {
    const rows = (yield* session.execute(select(employees))).all()
    const wanted = [...model].map(([{ id }, { name, manager }]) => ({ id, name, managerId: manager?.id ?? null }))
    expect(rows.toSorted((a, b) => a.id - b.id)).toEqual(wanted.toSorted((a, b) => a.id - b.id))
    for (const employee of model.keys()) expect(inspect(employee).state).toBe("persistent")
  })

/** Runs commands on a session and, in the same way, on the model. */
const runCommands = (
  session: AsyncSession,
  start: Model,
  committed: Model,
  script: ReadonlyArray<Command>,
): Effect.Effect<{ readonly model: Model; readonly committed: Model }, unknown> =>
  Effect.gen(function* () {
    let model = new Map(start)
    let saved = committed
    for (const [step, command] of script.entries()) {
      if (command.kind === "add") {
        const row = { name: `added ${step}`, manager: pick(model, command.manager) ?? null }
        const employee = new Employee(row)
        session.add(employee)
        model.set(employee, row)
      } else if (command.kind === "rename") {
        const who = pick(model, command.who)
        if (who === undefined) continue
        who.name = `renamed ${step}`
        model.set(who, { ...(model.get(who) as Row), name: who.name })
      } else if (command.kind === "move") {
        const who = pick(model, command.who)
        const manager = pick(model, command.manager) ?? null
        if (who === undefined || isAbove(model, manager, who)) continue
        who.manager = manager
        model.set(who, { ...(model.get(who) as Row), manager })
      } else if (command.kind === "delete") {
        const who = pick(model, command.who)
        if (who === undefined || [...model.values()].some(({ manager }) => manager === who)) continue
        if (inspect(who).state === "pending") session.expunge(who)
        else session.delete(who)
        model.delete(who)
      } else if (command.kind === "flush") yield* session.flush
      else if (command.kind === "query") yield* expectRows(session, model)
      else if (command.kind === "commit") {
        yield* session.commit
        saved = new Map(model)
      } else if (command.kind === "rollback") {
        yield* session.rollback
        model = new Map(saved)
      } else {
        const before = new Map(model)
        const block = session.beginNested(() =>
          Effect.gen(function* () {
            const inside = yield* runCommands(session, model, saved, command.inside)
            model = new Map(inside.model)
            if (command.fails) return yield* Effect.fail("as planned")
          }),
        )
        yield* Effect.catchIf(
          block,
          (error) => error === "as planned",
          () => Effect.void,
        )
        if (command.fails) model = before
      }
      expectObjects(model)
    }
    return { model, committed: saved }
  })

/** A session behaves like a plain model of rows, whatever is done in whatever order. */
export const sessionModelContract = ({ test }: Contract): void => {
  describe("model", () => {
    test(
      "objects and rows are as a plain model says, after any sequence of changes, savepoints, commits and rollbacks",
      withSession((session) =>
        Effect.gen(function* () {
          const empty: Model = new Map()
          for (const script of fc.sample(commands, { numRuns: 60, seed: 20_261_122 })) {
            const end = yield* runCommands(session, empty, empty, script)
            yield* expectRows(session, end.model)
            yield* session.rollback
            expectObjects(end.committed)
            yield* expectRows(session, end.committed)
            // Leave nothing to the next script: clear references first, so that rows can go in any order.
            for (const employee of end.committed.keys()) employee.manager = null
            yield* session.flush
            for (const employee of end.committed.keys()) session.delete(employee)
            yield* session.commit
            expect(session.identityMap.size).toBe(0)
          }
        }),
      ),
    )
  })
}
