import { describe, expect, it } from "vitest"
import { startProgram } from "./program.ts"

const undoing = new URL("./undoing-program.ts", import.meta.url)

describe("runMain", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("on %s undoes what was begun and exits with %i", async (signal, code) => {
    const program = startProgram(undoing)
    await program.waitFor(/begun/)
    program.kill(signal)
    expect(await program.exited).toEqual({ code, signal: null })
    expect(program.stderr()).toBe("undone\n")
  })

  it("undoes completely when a second signal comes", async () => {
    const program = startProgram(undoing)
    await program.waitFor(/begun/)
    program.kill("SIGINT")
    program.kill("SIGTERM")
    const { code } = await program.exited
    expect(code === 130 || code === 143).toBe(true)
    expect(program.stderr()).toBe("undone\n")
  })

  it("ends by itself with the program's exit code", async () => {
    const program = startProgram(undoing, ["finish"])
    expect(await program.exited).toEqual({ code: 3, signal: null })
    expect(program.stderr()).toBe("undone\n")
  })

  it("tells of a defect and exits with 1", async () => {
    const program = startProgram(undoing, ["die"])
    expect(await program.exited).toEqual({ code: 1, signal: null })
    expect(program.stderr()).toContain("undone")
    expect(program.stderr()).toContain("a fault of the program")
  })
})
