/** Facts of the run itself for both forms of the comparison. Pure. */
import type { Report } from "../model.ts"
import { figureTable, type Table, wordTable } from "./content.ts"
import { notMeasured, runtimeNames } from "./figures.ts"
import { figure } from "./text.ts"

export const targetTable = ({ targets }: Report): Table =>
  figureTable(
    "Targets",
    ["Target", "Runtime", "Goal", "Measured", "Met"],
    targets.map(({ statement, runtime, goal, measured, met }) => [
      statement,
      runtimeNames[runtime],
      figure(goal),
      measured === null ? notMeasured : figure(measured),
      met ? "yes" : "no",
    ]),
    2,
  )

/** The targets that were missed, and how many there are in all. */
export const missedText = ({ targets }: Report): string => {
  if (targets.length === 0) return "The run was asked for nothing that a target compares."
  const missed = targets.filter(({ met }) => !met)
  const sum = `${targets.length - missed.length} of ${targets.length} are met.`
  if (missed.length === 0) return sum
  const each = missed.map(({ statement, runtime, goal, measured }) => {
    const reached = measured === null ? notMeasured : `measured ${figure(measured)}`
    return `${statement} (${runtimeNames[runtime]}; goal ${figure(goal)}, ${reached})`
  })
  return `${sum} Missed: ${each.join("; ")}.`
}

export const leftOutTable = ({ leftOut }: Report): Table =>
  wordTable(
    "Left out",
    ["Subject", "Suite", "Case", "Runtime", "Why"],
    leftOut.map(({ subject, suite, case: name, runtime, reason }) => [
      subject,
      suite,
      name ?? "all",
      runtimeNames[runtime],
      reason,
    ]),
  )

export const machineLine = ({ machine, date, quick }: Report): string => {
  const rough = quick ? " This was a quick run: its figures are rough." : ""
  return `Measured on ${date.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.os}; load ${machine.loadAtStart} at the start.${rough}`
}

export const versionsLine = ({ versions }: Report): string =>
  `${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ")}.`
