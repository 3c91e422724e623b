import { expect, it } from "vitest"
import { runProgram } from "./run-program.ts"
import { temporaryFolder } from "./temporary-folder.ts"

const folder = temporaryFolder()

it("loads no module of Effect for a program that uses Promises or waits for nothing", async () => {
  const outcome = await runProgram("without-effect", `sqlite:///${folder}/app.db`)
  expect(outcome, outcome.errors).toMatchObject({
    lines: ["worker 42 42", "inline 42 42", "sync 42", "effect not loaded", "effect loaded"],
    code: 0,
  })
})
