import { afterEach, describe, expect, it, vi } from "vitest"
import { consoleLog } from "../../src/operation/console-log.ts"
import { createAsyncEngine, textClause } from "../../src/promise.ts"
import { ScriptedDatabase } from "../driver/scripted-driver.ts"

afterEach(() => {
  vi.restoreAllMocks()
})

/** The lines written to the console, by method. */
const written = (): Array<string> => {
  const lines: Array<string> = []
  for (const method of ["debug", "info", "warn", "log"] as const) {
    vi.spyOn(console, method).mockImplementation((...parts: ReadonlyArray<unknown>) => {
      lines.push(`${method} ${parts.join(" ")}`)
    })
  }
  return lines
}

describe("the log of programs without Effect", () => {
  it("writes a line for each message, by its level, and none for what is only of use to us", () => {
    const lines = written()
    consoleLog("info", "SELECT 1\n  FROM t", { engine: "main", parameters: "[1]" })
    consoleLog("warning", "It failed", new TypeError("no\nway"))
    consoleLog("warning", "It failed", "so")
    consoleLog("debug", "A detail")
    expect(lines).toEqual([
      "info offloop: SELECT 1 FROM t engine=main parameters=[1]",
      "warn offloop: It failed: TypeError: no way",
      "warn offloop: It failed: so",
    ])
  })

  it("tells the statements of an engine with echo", async () => {
    const lines = written()
    const { driver } = new ScriptedDatabase()
    await using engine = await createAsyncEngine("sqlite://", { driver, echo: true, loggingName: "main" })
    await engine.execute(textClause("SELECT :n", { n: 7 }))
    await engine.begin((conn) => conn.execDriverSql("INSERT\n1"))
    for await (const _row of engine.stream(textClause("SELECT 2")));
    expect(lines).toEqual([
      "info offloop: SELECT ? engine=main parameters=[7]",
      "info offloop: INSERT 1 engine=main parameters=[]",
      "info offloop: SELECT 2 engine=main parameters=[]",
    ])
  })
})
