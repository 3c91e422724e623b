import { describe, expect, test } from "vitest"
import { WorkerStartError } from "../src/callback.ts"

describe("the error of a worker that a bundler left without its file", () => {
  test("says that, and what to do", () => {
    const cause = new Error("Cannot find module '/app/thread-entry.js'")
    const { message } = new WorkerStartError({ worker: "x", cause })
    expect(message).toContain("bundler")
    expect(message).toContain("threads()")
    expect(message).toContain("docs/bundling.md")
  })

  test("says nothing of bundlers where something else is wrong", () => {
    const { message } = new WorkerStartError({ worker: "x", cause: new Error("EAGAIN") })
    expect(message).not.toContain("bundle")
  })
})
