import { expect, test } from "vitest"
import { passedOn } from "../../../src/internal/backend/exec-argv.ts"

test("a process gets the program's options, without what the program itself runs or listens on", () => {
  expect(passedOn(["--import", "./hook.mjs", "--max-old-space-size=100"])).toEqual([
    "--import",
    "./hook.mjs",
    "--max-old-space-size=100",
  ])
  expect(passedOn(["--inspect-brk=9229", "--inspect", "--smol"])).toEqual(["--smol"])
  expect(passedOn(["--input-type=module", "-e", "run()", "--no-warnings"])).toEqual(["--no-warnings"])
})
