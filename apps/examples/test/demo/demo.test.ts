import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { makeUrl } from "@offloop/orm-async"
import { createAsyncEngine } from "@offloop/orm-async/promise"
import * as Effect from "effect/Effect"
import { afterEach, describe, expect, it } from "vitest"
import { deriveWorld, readGeoNames, spread } from "../../src/cities/world.ts"
import { parseDemoResult } from "../../src/demo/result.ts"
import { currentRuntime } from "../../src/process/current-runtime.ts"
import { databases } from "../databases.ts"
import { startProgram } from "../process/program.ts"

const main = new URL("../../src/demo/main.ts", import.meta.url)

const cleanups: Array<() => Promise<unknown> | unknown> = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** A temporary folder for the program, so that what it leaves there can be seen. */
const ownTemporaryFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), "offloop-examples-"))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
  return { folder, env: { TMPDIR: folder, TEMP: folder, TMP: folder } }
}

const run = async (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) => {
  const program = startProgram(main, args, env)
  const { code } = await program.exited
  return { code, stdout: program.stdout(), stderr: program.stderr(), isAnyLeft: program.isAnyLeft() }
}

const expectFacts = async (line: string, rows: number) => {
  const facts = await Effect.runPromise(parseDemoResult(line))
  expect(Object.keys(JSON.parse(line)).sort()).toEqual(
    ["database", "loadMs", "loopDelayMs", "queriesPerSecond", "rows", "runtime"].sort(),
  )
  expect(facts.rows).toBe(rows)
  expect(facts.loadMs).toBeGreaterThan(0)
  for (const placement of ["inline", "worker"] as const) {
    const { p50, p99, max } = facts.loopDelayMs[placement]
    expect(p50).toBeLessThanOrEqual(p99)
    expect(p99).toBeLessThanOrEqual(max)
    expect(facts.queriesPerSecond[placement]).toBeGreaterThan(0)
  }
  return facts
}

describe("the demo", () => {
  it("prints exactly one JSON object and leaves nothing behind", async () => {
    const { folder, env } = ownTemporaryFolder()
    const { code, stdout, isAnyLeft } = await run(["--rows", "2000", "--json"], env)
    expect(code).toBe(0)
    expect(stdout.trimEnd().split("\n")).toHaveLength(1)
    const facts = await expectFacts(stdout, 2000)
    expect(facts.runtime).toBe(currentRuntime)
    expect(facts.database).toMatch(/^sqlite:/)
    expect(readdirSync(folder)).toEqual([])
    expect(isAnyLeft).toBe(false)
  })

  it("tells a person what it does: progress, patterns with code, SQL and rows, and the comparison", async () => {
    const { code, stdout, stderr } = await run(["--rows", "1500"], ownTemporaryFolder().env)
    expect(code).toBe(0)
    expect(stderr).toBe("")
    expect(stdout).toMatch(/cities: 1,500 of 1,500 \(100%\), [\d,]+ rows\/s, ETA 0 s/)
    for (const shown of ["engine.connect", "engine.begin(", "AsyncSession.make(engine)", "result.fetchMany(2)"]) {
      expect(stdout).toContain(shown)
    }
    expect(stdout).toMatch(/SELECT [^;]*FROM "?cities"?/)
    const { cities } = deriveWorld(spread(await Effect.runPromise(readGeoNames), 1500))
    const [largest] = [...cities].sort((a, b) => b.population - a.population)
    expect(stdout).toMatch(
      new RegExp(`│ ${largest?.name} +│ ${largest?.region.country.name} +│ +${largest?.population} │`),
    )
    expect(stdout).toMatch(/│ inline +│/)
    expect(stdout).toMatch(/│ worker +│/)
    expect(stdout).toMatch(/^ {2}worker {2}[·▁▂▃▄▅▆▇█]+$/m)
    expect(stdout).toContain("Both placements gave the same answers.")
    expect(stdout).not.toContain("\u001b")
  })

  it("works with a single city", async () => {
    const { code, stdout } = await run(["--rows", "1", "--json"], ownTemporaryFolder().env)
    expect(code).toBe(0)
    await expectFacts(stdout, 1)
  })

  it.each(databases)("runs on %s as often as one likes", async (_, makeDatabase) => {
    const database = await makeDatabase()
    cleanups.push(database.drop)
    for (const rows of [300, 200]) {
      const { code, stdout, stderr } = await run(["--rows", String(rows), "--json", "--database", database.url])
      expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" })
      const facts = await expectFacts(stdout, rows)
      expect(facts.database).toBe(makeUrl(facts.database).renderAsString())
    }
  })
})

describe("the demo refuses", () => {
  it.each([
    ["an unknown option", ["--speed"], /speed/],
    ["an unknown runtime", ["--runtime", "python"], /node, bun, deno or all/],
    ["more rows than there are", ["--rows", "200000"], /135233/],
    ["what is no URL", ["--database", "cities.db"], /--database/],
    ["an unknown dialect", ["--database", "oracle://localhost/x"], /sqlite and postgresql, not oracle/],
    ["a database in memory", ["--database", "sqlite://"], /Name a file/],
    ["a placement", ["--database", "sqlite:///x.db?placement=inline"], /runs both/],
  ])("%s with what to do instead, and exits with 2", async (_, args, expected) => {
    const { folder, env } = ownTemporaryFolder()
    const { code, stdout, stderr } = await run([...args, "--json"], env)
    expect(stderr).toMatch(expected)
    expect(stdout).toBe("")
    expect(code).toBe(2)
    expect(readdirSync(folder)).toEqual([])
  })

  it("a file in a folder that does not exist, and exits with 1", async () => {
    const { code, stderr } = await run(["--rows", "10", "--database", "sqlite:////no/such/folder/cities.db"])
    expect(code).toBe(1)
    expect(stderr).toMatch(/folder|directory/)
    expect(stderr).not.toMatch(/ at .*\.ts:\d+/)
  })
})

describe("--help", () => {
  it("says what can be asked for", async () => {
    const { code, stdout } = await run(["--help"])
    expect(code).toBe(0)
    for (const option of ["--runtime", "--database", "--rows", "--json"]) expect(stdout).toContain(option)
  })
})

describe("--runtime", () => {
  it("runs on another runtime of the workspace, and passes its facts on", async () => {
    const other = currentRuntime === "node" ? "bun" : "node"
    const { folder, env } = ownTemporaryFolder()
    const { code, stdout, isAnyLeft } = await run(["--runtime", other, "--rows", "200", "--json"], env)
    expect(code).toBe(0)
    expect((await expectFacts(stdout, 200)).runtime).toBe(other)
    expect(readdirSync(folder)).toEqual([])
    expect(isAnyLeft).toBe(false)
  })

  it("all prints one array with the facts of each runtime", async () => {
    const { code, stdout } = await run(["--runtime", "all", "--rows", "200", "--json"], ownTemporaryFolder().env)
    expect(code).toBe(0)
    const all = JSON.parse(stdout) as ReadonlyArray<{ runtime: string }>
    expect(all.map(({ runtime }) => runtime)).toEqual(["node", "bun", "deno"])
    for (const facts of all) await expectFacts(JSON.stringify(facts), 200)
  })

  it("all tells which runtimes failed and exits with the code of the first", async () => {
    const { code, stdout, stderr } = await run([
      ...["--runtime", "all", "--rows", "10", "--json"],
      ...["--database", "sqlite:////no/such/folder/cities.db"],
    ])
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toEqual([])
    for (const runtime of ["node", "bun", "deno"]) expect(stderr).toContain(`${runtime} failed with exit code 1.`)
  })

  it("tells what to do where a runtime cannot be started", async () => {
    const { code, stderr } = await run(["--runtime", "all", "--rows", "10"], { OFFLOOP_NODE: "/no/such/node" })
    expect(code).toBe(1)
    expect(stderr).toMatch(/Cannot start node at \/no\/such\/node.*npx pnpm@12 install/)
  })
})

describe("a file with somebody's own tables", () => {
  it("is refused and left as it is", async () => {
    const [, makeSqlite] = databases[0]
    const database = await makeSqlite()
    cleanups.push(database.drop)
    {
      await using engine = await createAsyncEngine(database.url)
      await engine.begin(async (conn) => {
        await conn.execDriverSql("CREATE TABLE cities (name TEXT)")
        await conn.execDriverSql("INSERT INTO cities VALUES ('mine')")
      })
    }
    const { code, stderr } = await run(["--rows", "10", "--database", database.url])
    expect(stderr).toMatch(/tables of its own called cities/)
    expect(code).toBe(2)
    await using engine = await createAsyncEngine(database.url)
    await using conn = await engine.connect()
    expect((await conn.execDriverSql("SELECT name FROM cities")).fetchAll()).toEqual([{ name: "mine" }])
  })
})
