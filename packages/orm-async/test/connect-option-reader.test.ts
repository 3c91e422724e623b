import { describe, expect, test } from "vitest"
import { ConnectOptionReader } from "../src/driver.ts"

const reader = (options: Readonly<Record<string, unknown>>) =>
  new ConnectOptionReader("TestDB", options, ["mode", "flag", "size", "path", "setting"])

describe("ConnectOptionReader", () => {
  test("reads text from a URL and values from a program alike", () => {
    const fromUrl = reader({ mode: "fast", flag: "on", size: "12", path: "/a", setting: "5" })
    const fromProgram = reader({ mode: "fast", flag: true, size: 12, path: "/a", setting: 5 })
    for (const options of [fromUrl, fromProgram]) {
      expect(options.oneOf("mode", ["slow", "fast"], undefined)).toBe("fast")
      expect(options.boolean("flag", false)).toBe(true)
      expect(options.integer("size", 0, 100, 1)).toBe(12)
      expect(options.text("path", undefined)).toBe("/a")
      expect(options.setting("setting", undefined)).toBe("5")
    }
  })

  test("gives the fallback for what is left out or undefined", () => {
    const options = reader({ flag: undefined })
    expect(options.has("flag")).toBe(false)
    expect(options.boolean("flag", true)).toBe(true)
    expect(options.oneOf("mode", ["slow"], "none")).toBe("none")
    expect(options.integer("size", 0, 1, 7)).toBe(7)
    expect(options.text("path", undefined)).toBeUndefined()
    expect(options.setting("setting", "x")).toBe("x")
  })

  test.each([
    ["oneOf", { mode: "warp" }, 'TestDB option mode is "warp"; it takes slow, fast'],
    [
      "boolean",
      { flag: "perhaps" },
      'TestDB option flag is "perhaps"; it takes true or false (also 1 and 0, on and off)',
    ],
    ["integer", { size: "1.5" }, 'TestDB option size is "1.5"; it takes a whole number from 0 to 100'],
    ["integer", { size: 101 }, "TestDB option size is 101; it takes a whole number from 0 to 100"],
    ["text", { path: 5 }, "TestDB option path is 5; it takes text without NUL characters"],
    ["text", { path: "a\0b" }, 'TestDB option path is "a\0b"; it takes text without NUL characters'],
    [
      "setting",
      { setting: "a\0b" },
      'TestDB option setting is "a\0b"; it takes text without NUL characters, a number or a boolean',
    ],
    [
      "known",
      { flags: 1 },
      "TestDB has no option flags; did you mean flag? The known ones are flag, mode, path, setting, size",
    ],
    ["known", { other: 1 }, "TestDB has no option other; the known ones are flag, mode, path, setting, size"],
    ["known", { flag: ["1", "0"] }, "TestDB option flag is given more than once; give it once"],
  ] as const)("%s refuses %o", (method, given, message) => {
    const read = (): unknown => {
      const options = reader(given)
      if (method === "oneOf") return options.oneOf("mode", ["slow", "fast"], undefined)
      if (method === "boolean") return options.boolean("flag", false)
      if (method === "integer") return options.integer("size", 0, 100, 1)
      return method === "text" ? options.text("path", undefined) : options.setting("setting", undefined)
    }
    expect(read).toThrow(new RangeError(message))
  })
})
