import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createAsyncEngine } from "@offloop/orm-async/promise"
import { afterEach, describe, expect, it } from "vitest"
import { currentRuntime } from "../../src/process/current-runtime.ts"
import { databases } from "../databases.ts"
import { startProgram } from "../process/program.ts"

const main = new URL("../../src/demo/main.ts", import.meta.url)

const cleanups: Array<() => Promise<unknown> | unknown> = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const loading = /cities: .* \(\d\d%\)/

/** When the demo is interrupted: what it has said by then. */
const cases = [
  ["SIGINT", "in the middle of loading", 130, loading],
  ["SIGTERM", "in the middle of loading", 143, loading],
  ["SIGHUP", "in the middle of loading", 129, loading],
  ["SIGINT", "while it shows the patterns", 130, /Session: load objects/],
  ["SIGINT", "while it compares the placements", 130, /The aggregate compares/],
] as const

describe("the demo, interrupted", () => {
  it.each(cases)("by %s %s, removes its files and ends with %i", async (signal, _, code, said) => {
    const folder = mkdtempSync(join(tmpdir(), "offloop-examples-"))
    cleanups.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
    const program = startProgram(main, ["--rows", "20000"], { TMPDIR: folder, TEMP: folder, TMP: folder })
    await program.waitFor(said)
    program.kill(signal)
    expect(await program.exited).toEqual({ code, signal: null })
    expect(program.isAnyLeft()).toBe(false)
    expect(readdirSync(folder)).toEqual([])
  })

  it.each(databases)(
    "in the middle of loading, leaves no half-written transaction on %s",
    async (name, makeDatabase) => {
      const database = await makeDatabase()
      cleanups.push(database.drop)
      const program = startProgram(main, ["--rows", "20000", "--database", database.url])
      await program.waitFor(loading)
      program.kill("SIGINT")
      expect((await program.exited).code).toBe(130)

      await using engine = await createAsyncEngine(database.url)
      await using conn = await engine.connect()
      const schema = name === "SQLite" ? "" : "offloop_demo."
      for (const table of ["countries", "regions", "cities"]) {
        const rows = await conn.execDriverSql(`SELECT count(*) AS rows FROM ${schema}${table}`)
        expect(Number(rows.scalar())).toBe(0)
      }
      if (name === "SQLite") {
        expect((await conn.execDriverSql("PRAGMA integrity_check")).scalar()).toBe("ok")
      }
    },
  )

  it("on another runtime, stops that one too", async () => {
    const other = currentRuntime === "node" ? "bun" : "node"
    const folder = mkdtempSync(join(tmpdir(), "offloop-examples-"))
    cleanups.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
    const env = { TMPDIR: folder, TEMP: folder, TMP: folder }
    const program = startProgram(main, ["--runtime", other, "--rows", "20000"], env)
    await program.waitFor(loading)
    program.kill("SIGTERM")
    expect((await program.exited).code).toBe(143)
    expect(program.isAnyLeft()).toBe(false)
    expect(readdirSync(folder)).toEqual([])
  })

  it("by whoever reads its output going away, ends without a complaint", async () => {
    const folder = mkdtempSync(join(tmpdir(), "offloop-examples-"))
    cleanups.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
    const program = startProgram(main, ["--rows", "20000"], { TMPDIR: folder, TEMP: folder, TMP: folder })
    await program.waitFor(loading)
    program.closeStdout()
    expect((await program.exited).code).toBe(141)
    expect(program.stderr()).toBe("")
    expect(readdirSync(folder)).toEqual([])
  })
})
