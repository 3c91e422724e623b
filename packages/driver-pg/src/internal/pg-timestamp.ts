const pad = (value: number, width: number): string => String(value).padStart(width, "0")

/** A date as PostgreSQL reads it: years before 1 and after 9999 are not written as ISO 8601 does. */
export const formatTimestamp = (date: Date): string => {
  const year = date.getUTCFullYear()
  const day = `${pad(year > 0 ? year : 1 - year, 4)}-${pad(date.getUTCMonth() + 1, 2)}-${pad(date.getUTCDate(), 2)}`
  return `${day} ${date.toISOString().slice(-13, -1)}+00${year > 0 ? "" : " BC"}`
}

const form = /^(\d{4,})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?( BC)?$/

/**
 * A `timestamptz` as a Date, cut to milliseconds. What a Date cannot be (`infinity`, the last 19,000 years) stays text.
 */
export const parseTimestamp = (text: string): Date | string => {
  const parts = form.exec(text)
  if (parts === null) return text
  const [, year, month, day, hour, minute, second, fraction = "", sign, offsetHour, offsetMinute, offsetSecond, bc] =
    parts
  const date = new Date(0)
  date.setUTCFullYear(bc === undefined ? Number(year) : 1 - Number(year), Number(month) - 1, Number(day))
  date.setUTCHours(Number(hour), Number(minute), Number(second), Number(fraction.padEnd(3, "0").slice(0, 3)))
  const offset = Number(offsetHour) * 3_600 + Number(offsetMinute ?? 0) * 60 + Number(offsetSecond ?? 0)
  date.setTime(date.getTime() - (sign === "+" ? 1_000 : -1_000) * offset)
  return Number.isNaN(date.getTime()) ? text : date
}
