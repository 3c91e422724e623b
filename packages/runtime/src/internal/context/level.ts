/** Log levels by Effect's names, for code that loads nothing of Effect. */

/** A log level. */
export type Level = "All" | "Fatal" | "Error" | "Warning" | "Info" | "Debug" | "Trace" | "None"

const order: Readonly<Record<Level, number>> = {
  All: Number.NEGATIVE_INFINITY,
  Trace: 0,
  Debug: 1,
  Info: 2,
  Warning: 3,
  Error: 4,
  Fatal: 5,
  None: Number.POSITIVE_INFINITY,
}

/** What Effect logs from, unless it is told otherwise. */
export const defaultMinimum: Level = "Info"

/** Whether something of a level is logged where `minimum` is the least that is. */
export const reaches = (level: Level, minimum: Level): boolean => order[level] >= order[minimum]
