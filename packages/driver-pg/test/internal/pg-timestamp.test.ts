import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { formatTimestamp, parseTimestamp } from "../../src/internal/pg-timestamp.ts"

describe("timestamp text", () => {
  it.each([
    ["2024-02-29 23:59:59.123456+00", "2024-02-29T23:59:59.123Z"],
    ["2024-02-29 23:59:59+05:30", "2024-02-29T18:29:59.000Z"],
    ["2024-01-01 00:00:00.5-08", "2024-01-01T08:00:00.500Z"],
    ["1883-11-18 12:03:57.9-00:19:32", "1883-11-18T12:23:29.900Z"],
    ["0001-12-31 00:00:00+00 BC", "0000-12-31T00:00:00.000Z"],
    ["0044-03-15 12:00:00+00 BC", "-000043-03-15T12:00:00.000Z"],
    ["12345-06-07 08:09:10+00", "+012345-06-07T08:09:10.000Z"],
    ["0099-01-01 00:00:00+00", "0099-01-01T00:00:00.000Z"],
  ])("%s is read as the moment %s", (text, moment) => {
    expect(parseTimestamp(text)).toEqual(new Date(moment))
  })

  it.each(["infinity", "-infinity", "294276-12-31 23:59:59+00", "today"])("%s stays text", (text) => {
    expect(parseTimestamp(text)).toBe(text)
  })

  it("is written as PostgreSQL reads it, before Christ and after 9999 as well", () => {
    expect(formatTimestamp(new Date("2024-02-29T23:59:59.007Z"))).toBe("2024-02-29 23:59:59.007+00")
    expect(formatTimestamp(new Date("-000043-03-15T12:00:00Z"))).toBe("0044-03-15 12:00:00.000+00 BC")
    expect(formatTimestamp(new Date("+012345-06-07T08:09:10Z"))).toBe("12345-06-07 08:09:10.000+00")
  })

  it("comes back as it was", () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (date) => {
        expect(parseTimestamp(formatTimestamp(date))).toEqual(date)
      }),
    )
  })
})
