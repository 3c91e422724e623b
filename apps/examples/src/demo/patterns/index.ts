import { AsyncEngine, compile } from "@offloop/orm-async"
import * as Effect from "effect/Effect"
import { Screen } from "../../terminal/screen.ts"
import { drawTable } from "../../terminal/table.ts"
import { beginPattern } from "./begin.ts"
import { connectPattern } from "./connect.ts"
import { codeOf, type Pattern } from "./pattern.ts"
import { resultsPattern } from "./results.ts"
import { sessionPattern } from "./session.ts"

const indented = (text: string): string => text.replaceAll(/^/gm, "  ")

const show = (pattern: Pattern) =>
  Effect.gen(function* () {
    const { dialect } = yield* AsyncEngine
    const screen = yield* Screen
    yield* screen.heading(pattern.title)
    yield* screen.print(indented(yield* codeOf(pattern)))
    const [{ sql }] = compile(pattern.statement, dialect).steps
    yield* screen.print(`\n${indented(sql)}\n`)
    yield* screen.print(drawTable(yield* pattern.run))
  })

/** Runs the four patterns of the API on the cities: code, SQL, rows. */
export const showPatterns = Effect.forEach([connectPattern, beginPattern, sessionPattern, resultsPattern], show, {
  discard: true,
})
