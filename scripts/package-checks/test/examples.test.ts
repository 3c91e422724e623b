import { expect, it } from "vitest"
import { type Example, examples, installs, isProgram, projects, runs, settings, shell } from "../examples.ts"

const markdown = ["# Title", "```sh", "ls", "```", "```ts", "// a.ts", "const a = 1", "", "```", "text"].join("\n")
const source = ["/**", " * Text.", " *", " * ```ts", " * if (a) {", " *   b()", " *", " * }", " * ```", " */"].join(
  "\n",
)

it("finds the TypeScript in a document, with its place and the file that it is", () => {
  expect(examples("README.md", markdown)).toEqual([
    { at: "README.md:6", file: "a.ts", code: "// a.ts\nconst a = 1\n\nexport {}\n", prints: [] },
  ])
})

it("finds the TypeScript in a comment of a source, without the stars", () => {
  expect(examples("a.ts", source)).toEqual([
    { at: "a.ts:5", file: undefined, code: "if (a) {\n  b()\n\n}\nexport {}\n", prints: [] },
  ])
})

it("refuses a block without an end", () => {
  expect(() => examples("README.md", "```ts\nconst a = 1")).toThrow("README.md:2")
})

it("knows what a program prints, and a file of declarations by its name", () => {
  const printing = ["```ts", "console.log(1)", "```", "prints", "```text", "1", "```"].join("\n")
  expect(examples("a.md", printing)[0]?.prints).toEqual(["1"])
  const declared = ["```ts", "// a.d.ts", 'declare module "a"', "```", "```sh", "ls", "```"].join("\n")
  expect(examples("a.md", declared)[0]).toMatchObject({
    file: "a.d.ts",
    code: '// a.d.ts\ndeclare module "a"\n',
    prints: [],
  })
})

const example = (code: string, file?: string): Example => ({ at: "x:1", file, code, prints: [] })

it("tells a program from a part of one", () => {
  for (const code of ["console.log(1)", "const a = await b()", "await using a = await b()", "Effect.runPromise(a)"])
    expect(isProgram(example(`import "a"\n\n${code}\n`)), code).toBe(true)
  expect(isProgram({ ...example("a(() => console.log(1))"), prints: ["1"] })).toBe(true)
  for (const code of ["export const a = await b()", "const f = () => console.log(1)", "const p = Effect.succeed(1)"])
    expect(isProgram(example(`import "a"\n\n${code}\n`)), code).toBe(false)
  for (const file of ["a.d.ts", "src/a.ts"]) expect(isProgram(example("console.log(1)", file)), file).toBe(false)
})

it("takes a line of a shell that goes on for one", () => {
  expect(shell("a.md", ["```sh", "a --b \\", "  c \\", "  d", "e", "```"].join("\n"))).toEqual(["a --b c d", "e"])
})

it("finds what to install and how to run a file, in blocks and in tables", () => {
  const text = [
    "```sh",
    "npm pkg set type=module",
    "npm install a b@^3",
    "```",
    "| bun | `bun add a b@^3` | `bun app.mts` |",
    "`deno add npm:a` and `deno run -A app.mts`, not `npx pnpm@12 add`; node app.ts is prose",
  ].join("\n")
  expect(installs(text)).toEqual({
    npm: ["npm install a b@^3"],
    bun: ["bun add a b@^3"],
    deno: ["deno add npm:a"],
  })
  expect(settings(text)).toEqual(["npm pkg set type=module"])
  expect(runs(text)).toEqual(["bun app.mts", "deno run -A app.mts"])
})

it("puts beside an example the files that its document showed before", () => {
  const [a, b, c] = ["a.ts", undefined, "a.ts"].map((file, index) => example(`${index}`, file))
  if (a === undefined || b === undefined || c === undefined) throw new Error("There are three.")
  expect(projects([a, b, c]).map(({ files }) => files)).toEqual([
    { "a.ts": "0" },
    { "a.ts": "0", "example.ts": "1" },
    { "a.ts": "2" },
  ])
})
