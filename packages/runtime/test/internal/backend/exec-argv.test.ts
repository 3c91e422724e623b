import { expect, test } from "vitest"
import { located, passedOn, withoutRefused } from "../../../src/internal/backend/exec-argv.ts"

test("a process gets the program's options, without what the program itself runs or listens on", () => {
  expect(passedOn(["--import", "./hook.mjs", "--max-old-space-size=100"])).toEqual([
    "--import",
    "./hook.mjs",
    "--max-old-space-size=100",
  ])
  expect(passedOn(["--inspect-brk=9229", "--inspect", "--smol"])).toEqual(["--smol"])
  expect(passedOn(["--input-type=module", "-e", "run()", "--no-warnings"])).toEqual(["--no-warnings"])
})

test("a value belongs to the option before it, and goes where that goes", () => {
  expect(passedOn(["--cpu-prof-dir", "profiles", "--conditions", "development", "-"])).toEqual([
    "--conditions",
    "development",
  ])
  expect(passedOn(["--eval=--title=x", "--print", "-1", "-C", "x"])).toEqual(["-C", "x"])
  expect(passedOn(["--test-name-pattern", "a b", "--watch-path=src", "--hot"])).toEqual([])
})

test("modules are named by where the program was started, for a process that starts elsewhere", () => {
  expect(
    located(["--require", "./a b.cjs", "--import=../hook.mjs", "--import", "package", "-C", "./x"], "/srv/app"),
  ).toEqual(["--require", "/srv/app/a b.cjs", "--import=file:///srv/hook.mjs", "--import", "package", "-C", "./x"])
})

test("of the options that Node refuses for a thread, the others are left", () => {
  const refused = Object.assign(new Error("Initiated Worker with invalid execArgv flags: --stack-size=9, --title"), {
    code: "ERR_WORKER_INVALID_EXEC_ARGV",
  })
  expect(withoutRefused(["--stack-size=9", "--title", "x", "-r", "y"], refused)).toEqual(["-r", "y"])
  expect(withoutRefused(["-r", "y"], refused)).toBe(undefined)
  expect(withoutRefused(["-r", "y"], new Error("something else"))).toBe(undefined)
})
