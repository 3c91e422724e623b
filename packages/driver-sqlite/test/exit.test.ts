import { describe, expect, it } from "vitest"
import { runProgram } from "./run-program.ts"
import { temporaryFolder } from "./temporary-folder.ts"

const folder = temporaryFolder()
let made = 0

describe.each(["worker", "inline"])("a program with connections in the placement %s", (placement) => {
  it.each(["closed", "open"])("ends by itself when it is done and its connections are %s", async (end) => {
    const outcome = await runProgram("query", `sqlite:///${folder}/${++made}.db`, placement, end)
    expect(outcome, outcome.errors).toMatchObject({ lines: ["answer 42", "answer 42", "done"], code: 0 })
  })
})
