import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, sep } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { examples, installs, isProgram, projects, runs, settings, shell } from "../examples.ts"
import { type Machine, machines, makeCaches, type Newcomer, newcomer, usualRun } from "../newcomer.ts"
import { type Registry, serveRegistry } from "../registry.ts"
import { folders, pack, root } from "../tarball.ts"

interface Document {
  readonly path: string
  readonly text: string
}

const documents: ReadonlyArray<Document> = globSync(["README.md", "docs/*.md", "packages/*/README.md"], { cwd: root })
  .map((path) => path.split(sep).join("/"))
  .sort()
  .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }))

const programsOf = ({ path, text }: Document) =>
  projects(examples(path, text)).filter(({ example }) => isProgram(example))

/** A line that is expected, in which `…` stands for anything. */
const like = (line: string): RegExp => {
  const parts = line.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
  return new RegExp(`^${parts.join(".*")}$`)
}

/** Gives the expected lines if they were printed, and the printed ones if not, for a readable difference. */
const asExpected = (expected: ReadonlyArray<string>, printed: ReadonlyArray<string>): ReadonlyArray<string> =>
  printed.length === expected.length && expected.every((line, index) => like(line).test(printed[index]!))
    ? expected
    : printed

const everyMachine = Object.keys(machines) as ReadonlyArray<Machine>

describe("what documents show, done as they say with the packages as they would be published", () => {
  let registry: Registry
  let packed: string | undefined
  let caches: ReturnType<typeof makeCaches>

  beforeAll(async () => {
    caches = makeCaches()
    packed = mkdtempSync(join(tmpdir(), "offloop-packed-"))
    const destination = packed
    registry = await serveRegistry(folders.map((folder) => pack(folder, destination)))
  }, 120_000)

  afterAll(async () => {
    await registry?.close()
    caches?.remove()
    if (packed !== undefined) rmSync(packed, { recursive: true, force: true })
  })

  /** A newcomer who has installed what the document says. */
  const reader = async (
    { text }: Document,
    commands: ReadonlyArray<string>,
    read: (place: Newcomer) => Promise<void>,
  ): Promise<void> => {
    const url = process.env.OFFLOOP_TEST_PG_URL
    if (!url) throw new Error("Set OFFLOOP_TEST_PG_URL, or run `node scripts/postgres.ts <command>` at the root.")
    const place = await newcomer(registry.url, { ...caches.env, DATABASE_URL: url })
    try {
      for (const command of [...settings(text), ...commands]) await place.say(command)
      await read(place)
    } finally {
      place.remove()
    }
  }

  const showing = documents.filter((document) => programsOf(document).length > 0)

  it("is a program in all of these", () => {
    expect(showing.map(({ path }) => path)).toEqual([
      "README.md",
      "docs/bundling.md",
      "docs/from-anyio.md",
      "docs/sync.md",
      "packages/driver-pg/README.md",
      "packages/driver-sqlite/README.md",
      "packages/orm-async/README.md",
      "packages/runtime/README.md",
    ])
  })

  const ways = showing.flatMap((document) =>
    Object.entries(installs(document.text)).map(([manager, commands]) => ({
      ...document,
      manager,
      commands,
      document,
    })),
  )

  it.concurrent.each(ways)(
    "$path, installed by $manager: programs print what is shown",
    { timeout: 400_000 },
    ({ document, manager, commands }) =>
      reader(document, commands, async (place) => {
        for (const [index, { example, main, files }] of programsOf(document).entries()) {
          // The managers differ in what they install, which one program shows.
          if (index > 0 && manager !== "npm") break
          const own = index === 0 ? "." : `program-${index}`
          place.write(files, own)
          // One after the other in one folder: each run but the first finds what the one before it left.
          for (const machine of everyMachine) {
            const line = usualRun(machine, main)
            const printed = await place.say(line, machine, own)
            expect(asExpected(example.prints, printed), `${example.at}: ${line} on ${machine}`).toEqual(example.prints)
          }
        }
      }),
  )

  it.each(showing)(
    "$path says how to install with npm, and how to run on every runtime or on none",
    ({ path, text }) => {
      expect(Object.keys(installs(text))).toContain("npm")
      const [first] = programsOf({ path, text })
      const usual = new Set(everyMachine.map((machine) => usualRun(machine, first!.main)))
      // As it was done here.
      if (runs(text).length > 0) expect(new Set(runs(text))).toEqual(usual)
    },
  )

  it.concurrent("docs/bundling.md: its commands make bundles that run", { timeout: 400_000 }, () => {
    const path = "docs/bundling.md"
    const document = documents.find((one) => one.path === path)!
    const all = examples(path, document.text)
    const lines = shell(path, document.text)
    const [one, many] = lines.filter((line) => line.startsWith("esbuild "))
    return reader(document, installs(document.text).npm ?? [], async (place) => {
      place.write(Object.fromEntries(all.flatMap(({ file, code }) => (file === undefined ? [] : [[file, code]]))))
      await place.say(`npx ${one}`)
      await place.say(`npx ${many}`)
      await place.say(lines.find((line) => line.startsWith("bun build "))!)
      for (const machine of everyMachine) {
        expect(await place.say(usualRun(machine, "program.js"), machine), machine).toEqual(["16"])
        expect(await place.say(usualRun(machine, "dist/main.js"), machine), machine).toEqual(["16", "42"])
      }
      expect(await place.say(join(place.folder, "program"))).toEqual(["16"])
      // It writes the file that esbuild has written as well.
      await place.say(lines.find((line) => line.startsWith("deno bundle "))!)
      for (const machine of everyMachine) {
        expect(await place.say(usualRun(machine, "program.js"), machine), machine).toEqual(["16"])
      }
    })
  })
})
