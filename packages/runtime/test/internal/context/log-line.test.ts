import { expect, test } from "vitest"
import { logLine } from "../../../src/internal/context/log-line.ts"
import { portray } from "../../../src/internal/transport/portrait.ts"

const time = Date.UTC(2030, 0, 2, 3, 4, 5, 6)

test("an entry is one line of key=value pairs, quoted where they have to be", () => {
  const line = logLine({
    level: "Warning",
    message: ["plain", 'with "quotes"\nand lines', { a: [1, 2n] }, 5, ""],
    annotations: [
      ["key", "value"],
      ["odd key=", undefined],
    ],
    spans: [["reading file", time - 12]],
    time,
  })
  expect(line).toBe(
    'timestamp=2030-01-02T03:04:05.006Z level=WARN message=plain message="with \\"quotes\\"\\nand lines" ' +
      'message="{ a: [ 1, 2n ] }" message=5 message="" reading_file=12ms key=value odd_key_=undefined',
  )
})

test("a cause is the errors in it", () => {
  const left = { type: "fail", error: portray(new RangeError("too far")) } as const
  const right = { type: "sequential", left: { type: "die", defect: portray("odd") }, right: { type: "empty" } } as const
  const line = logLine({ level: "Error", message: ["no"], cause: { type: "parallel", left, right }, time })
  expect(line).toMatch(/ level=ERROR message=no cause="RangeError: too far\\n.*odd"$/)
  expect(logLine({ level: "Info", message: [], cause: { type: "empty" }, time })).not.toContain("cause")
  expect(logLine({ level: "Info", message: [], cause: { type: "interrupt" }, time })).toContain("interrupted")
})
