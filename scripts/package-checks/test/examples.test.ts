import { expect, it } from "vitest"
import { examples, projects } from "../examples.ts"

const markdown = ["# Title", "```sh", "ls", "```", "```ts", "// a.ts", "const a = 1", "", "```", "text"].join("\n")
const source = ["/**", " * Text.", " *", " * ```ts", " * if (a) {", " *   b()", " *", " * }", " * ```", " */"].join(
  "\n",
)

it("finds the TypeScript in a document, with its place and the file that it is", () => {
  expect(examples("README.md", markdown)).toEqual([
    { at: "README.md:6", file: "a.ts", code: "// a.ts\nconst a = 1\n\nexport {}\n" },
  ])
})

it("finds the TypeScript in a comment of a source, without the stars", () => {
  expect(examples("a.ts", source)).toEqual([
    { at: "a.ts:5", file: undefined, code: "if (a) {\n  b()\n\n}\nexport {}\n" },
  ])
})

it("refuses a block without an end", () => {
  expect(() => examples("README.md", "```ts\nconst a = 1")).toThrow("README.md:2")
})

it("puts beside an example the files that its document showed before", () => {
  const [a, b, c] = ["a.ts", undefined, "a.ts"].map((file, index) => ({ at: `x:${index}`, file, code: `${index}` }))
  if (a === undefined || b === undefined || c === undefined) throw new Error("There are three.")
  expect(projects([a, b, c]).map(({ files }) => files)).toEqual([
    { "a.ts": "0" },
    { "a.ts": "0", "example.ts": "1" },
    { "a.ts": "2" },
  ])
})
