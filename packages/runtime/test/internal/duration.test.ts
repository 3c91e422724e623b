import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { toMillis } from "../../src/internal/duration.ts"

const unit = fc.constantFrom("nano", "micro", "milli", "second", "minute", "hour", "day", "week")
const amount = fc.oneof(fc.integer({ min: -1000, max: 1_000_000 }), fc.constantFrom("0.5", "1.25", "-0.5", "007"))
const text = fc
  .tuple(amount, fc.constantFrom(" ", "  "), unit, fc.constantFrom("", "s"))
  .map(([count, space, name, plural]) => `${count}${space}${name}${plural}`)
const pair = fc.tuple(fc.integer({ min: -10, max: 1000 }), fc.integer({ min: -1e9, max: 1e9 }))
const number = fc.oneof(fc.double({ noNaN: true, min: -1e6, max: 1e9 }), fc.constantFrom(Infinity, -Infinity))
const input = fc.oneof(
  text,
  pair,
  number,
  fc.bigInt(-(10n ** 12n), 10n ** 15n),
  number.map((millis) => Duration.millis(millis)),
  fc.bigInt(0n, 10n ** 15n).map((nanos) => Duration.nanos(nanos)),
)

test("durations are those of Effect", () => {
  fc.assert(
    fc.property(input, (given) => {
      const expected = Duration.toMillis(Duration.decode(given as Duration.DurationInput))
      const found = toMillis(given)
      if (Number.isFinite(expected)) expect(found).toBeCloseTo(expected, 5)
      else expect(found).toBe(expected)
    }),
    { numRuns: 2000 },
  )
})

test("what is no duration for Effect is none here", () => {
  const wrong = [
    "",
    "soon",
    "5",
    "5 parsecs",
    "seconds 5",
    "1e3 seconds",
    [1],
    [1, "2"],
    {},
    null,
    true,
    undefined,
    () => 1,
  ]
  for (const given of wrong) {
    expect(Option.isNone(Duration.decodeUnknown(given))).toBe(true)
    expect(toMillis(given)).toBeUndefined()
  }
  expect(toMillis(Number.NaN)).toBeUndefined()
})
