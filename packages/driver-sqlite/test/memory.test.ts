import { expect, it } from "vitest"
import { runProgram } from "./run-program.ts"

it("statements that are not kept are freed, although their thread blocks", async () => {
  // If the statements were kept, they would take 1,000 MB.
  const outcome = await runProgram("many-statements", ":memory:", "600")
  expect(outcome, outcome.errors).toMatchObject({ code: 0 })
  expect(Number(outcome.lines[0])).toBeLessThan(500)
})
