import { globSync } from "node:fs"
import { join, sep } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { runtimes } from "../../runtimes.ts"
import { type Consumer, installConsumer } from "../consumer.ts"
import { root } from "../tarball.ts"

describe("a project outside of the workspace that installs the tarballs", () => {
  let consumer: Consumer

  beforeAll(() => {
    consumer = installConsumer()
  }, 300_000)

  afterAll(() => consumer?.remove())

  it("has one copy of effect", () => {
    expect(consumer.versions("effect")).toHaveLength(1)
  })

  it("type-checks, strictly and including the declarations of everything it installed", { timeout: 120_000 }, () => {
    consumer.check()
  })

  it("type-checks every example of the documentation", { timeout: 120_000 }, () => {
    const documents = globSync(["README.md", "docs/*.md", "packages/*/README.md", "packages/*/src/**/*.ts"], {
      cwd: root,
    })
    consumer.checkExamples(documents.map((path) => path.split(sep).join("/")))
  })

  it.each(runtimes)("runs queries through a worker on %s, and ends by itself", { timeout: 120_000 }, (runtime) => {
    const printed = consumer.run(runtime, "program.ts", [join(consumer.folder, `${runtime}.db`)])
    expect(JSON.parse(printed)).toEqual({
      rows: [{ id: 1, name: "ann" }],
      counted: 2_000_000,
      loopWentOn: true,
      runtime,
    })
  })

  it.each(runtimes)("loads no module of Effect for a program of Promises on %s", { timeout: 120_000 }, (runtime) => {
    const printed = consumer.run(runtime, "without-effect.ts", [join(consumer.folder, `${runtime}-promise.db`)])
    expect(printed.trim().split("\n")).toEqual(["inline 42 not loaded", "worker 42 not loaded", "effect loaded"])
  })
})
