import { describe, expect, it } from "vitest"
import { messageEnds } from "../messages.ts"
import { members } from "./workspace.ts"

/** Folders that do not follow the rule yet. */
const remaining = ["packages/orm-async/src/session/"]

describe("error messages", () => {
  const packages = members.filter(({ folder }) => folder.startsWith("packages/"))

  it.each(packages.map((member) => [member.folder, member] as const))("of %s end without a period", (_, member) => {
    const sources = member.files.filter(
      ({ path }) => path.startsWith(`${member.folder}/src/`) && !remaining.some((folder) => path.startsWith(folder)),
    )
    const ends = sources.flatMap(({ path, text }) => messageEnds(path, text).map((found) => ({ path, ...found })))
    expect(ends.length).toBeGreaterThan(0)
    expect(ends.filter(({ end }) => end.endsWith(".")).map(({ path, line, end }) => `${path}:${line} …${end}`)).toEqual(
      [],
    )
  })
})

describe("messageEnds", () => {
  it.each([
    ['new ArgumentError({ message: "is wrong." })', ["is wrong."]],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the source under test
    ["new NoResultFound({ message: `${a} is wrong.`, cause })", [" is wrong."]],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the source under test
    ['new ValueProblem(`a${b ? "c." : `d${e}.`}`)', ["c.", "."]],
    ['new errors.CompileError("a" + (b ?? "c."))', ["c."]],
    ["new TypeError(text)", []],
    ['new Map("a.")', []],
  ])("of %s are %j", (text, ends) => {
    expect(messageEnds("x.ts", `\n${text}`)).toEqual(ends.map((end) => ({ line: 2, end })))
  })
})
