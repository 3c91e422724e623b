import { describe, expect, it } from "vitest"
import type { AsyncConnection, AsyncEngine } from "../../src/promise.ts"
import { textClause } from "../../src/promise.ts"
import { setUp } from "./world.ts"

const bad = textClause("BAD")

/** Calls of a program, by what they call. Each is a function with a name that its error's stack must tell. */
const programs: Record<string, (engine: AsyncEngine, conn: AsyncConnection) => Promise<void>> = {
  "conn.execute": async function executesOnConnection(_, conn) {
    await conn.execute(bad)
  },
  "conn.scalar": async function scalarOnConnection(_, conn) {
    await conn.scalar(bad)
  },
  "conn.scalars": async function scalarsOnConnection(_, conn) {
    await conn.scalars(bad)
  },
  "conn.execDriverSql": async function sqlOnConnection(_, conn) {
    await conn.execDriverSql("BAD")
  },
  "conn.stream": async function streamsOnConnection(_, conn) {
    for await (const _row of conn.stream(bad));
  },
  "conn.begin": async function beginsOnConnection(_, conn) {
    await conn.begin(async function insideOfBlock() {
      await conn.execute(bad)
    })
  },
  "conn.commit": async function commitsOnConnection(_, conn) {
    await conn.execDriverSql("GOOD")
    await conn.commit()
  },
  "engine.execute": async function executesOnEngine(engine) {
    await engine.execute(bad)
  },
  "engine.scalar": async function scalarOnEngine(engine) {
    await engine.scalar(bad)
  },
  "engine.executeAll": async function executesAllOnEngine(engine) {
    await engine.executeAll([bad])
  },
  "engine.stream": async function streamsOnEngine(engine) {
    for await (const _row of engine.stream(bad));
  },
  "engine.begin": async function beginsOnEngine(engine) {
    await engine.begin(async (conn) => {
      await conn.execDriverSql("GOOD")
    })
  },
}

const failure = async (run: () => Promise<void>): Promise<Error> => {
  try {
    await run()
  } catch (error) {
    return error as Error
  }
  throw new Error("it did not fail")
}

describe.each([0, 3])("the stack of a rejection, of a database that answers after %i turns", (turns) => {
  it.each(Object.keys(programs))("names the line that awaits %s", async (name) => {
    const { database, engine } = await setUp()
    await using _ = engine
    database.delay = () => turns
    await using conn = await engine.connect()
    for (const step of ["BAD", "cursor BAD", "commit"]) database.fail(step)
    const program = programs[name] as (typeof programs)[string]
    const error = await failure(() => program(engine, conn))
    expect(error).toMatchObject({ _tag: "OperationalError" })
    expect(error.stack).toMatch(/^OperationalError: scripted failure/)
    expect(error.stack).toContain(name === "conn.begin" ? "insideOfBlock" : program.name)
    expect(error.stack).toContain("caller-stack.test.ts")
    // The first line is the program's, not this library's.
    expect(error.stack?.split("\n").find((line) => /\.ts:\d/.test(line))).toContain("caller-stack.test.ts")
  })

  it("of an error that the program throws in a block stays its own", async () => {
    const { engine } = await setUp()
    await using _ = engine
    const mine = new Error("mine")
    const { stack } = mine
    const error = await failure(() =>
      engine.begin(() => {
        throw mine
      }),
    )
    expect(error.stack).toBe(stack)
  })

  it("names the line that awaits the block where its callback awaits nothing itself", async () => {
    const { database, engine } = await setUp()
    await using _ = engine
    database.delay = () => turns
    database.fail("BAD")
    const error = await failure(async function outsideOfBlock() {
      await engine.begin(async (conn) => void (await conn.execDriverSql("GOOD")))
      await engine.begin((conn) => conn.execute(bad))
    })
    expect(error).toMatchObject({ _tag: "OperationalError" })
    expect(error.stack?.split("\n").find((line) => /\.ts:\d/.test(line))).toContain("caller-stack.test.ts")
  })
})

describe("the stack of a call that fails before it returns", () => {
  it.each([
    ["is no statement", "SELECT 1" as unknown as typeof bad],
    ["the database refuses", bad],
  ])("names the line that called it, though nobody awaits it: it %s", async (_, statement) => {
    const { database, engine } = await setUp()
    await using _engine = engine
    database.fail("BAD")
    const error = await failure(function calls() {
      // Bun forgets the frame of a function that ends with a call.
      const call = engine.execute(statement) as unknown as Promise<void>
      return call
    })
    expect(error).toHaveProperty("_tag")
    expect(error.stack).toContain("calls")
    expect(error.stack?.split("\n").find((line) => /\.ts:\d/.test(line))).toContain("caller-stack.test.ts")
  })
})
