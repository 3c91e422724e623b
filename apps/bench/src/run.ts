/** A whole run: every chosen suite on every chosen runtime, merged into one report. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Options } from "./cli.ts"
import { estimateMs, inWords } from "./estimate.ts"
import { machine, versions } from "./machine.ts"
import { reasonOf } from "./measure/rounds.ts"
import type { Entrant, LeftOut, Report, Result } from "./model.ts"
import * as Peers from "./peers.ts"
import { askedBy, evaluate } from "./report/targets.ts"
import { caseTable, leftOutLine, targetTable } from "./report/text.ts"
import { runOn } from "./run-on.ts"
import type { Prepared, Suite } from "./suite.ts"
import type { Target } from "./targets/target.ts"
import { targets } from "./targets.ts"

export interface Run {
  readonly report: Report
  /** Ours could not be measured somewhere where it should have been. */
  readonly failed: boolean
}

const chosen = (suite: Suite, subjects: Options["subjects"]): ReadonlyArray<Entrant> =>
  suite.entrants.filter((entrant) => subjects === undefined || subjects.has(entrant.name))

/** The reason for which the peers are missing after this; undefined when they are there or not needed. */
const preparePeers = async (
  { suites, subjects }: Options,
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const needed = suites.some((suite) => chosen(suite, subjects).some((entrant) => entrant.peers.length > 0))
  if (!needed || Peers.areInstalled()) return undefined
  print("Installing the peers into apps/bench/peers (once; sqlite3 may compile for minutes)…")
  const reason = await Peers.install(signal)
  signal.throwIfAborted()
  if (reason !== undefined) print(`  ${reason}`)
  return reason
}

/**
 * Runs what the options name.
 *
 * @param print is given finished lines and tables as they come.
 * @param signal ends every process that was started; the folder with the data is removed in any case.
 * @param parent the parent of the folder with the data: on the disk that is to be measured.
 */
export const run = async (
  options: Options,
  print: (text: string) => void,
  signal: AbortSignal,
  parent: string = tmpdir(),
): Promise<Run> => {
  const date = new Date().toISOString()
  const on = machine()
  const results: Array<Result> = []
  const leftOut: Array<LeftOut> = []
  const suiteVersions: Record<string, string> = {}
  let failed = false
  const folder = mkdtempSync(join(parent, "offloop-bench-"))
  try {
    const peersMissing = await preparePeers(options, print, signal)
    const expected = options.suites.reduce((sum, suite) => {
      const subjects = options.runtimes.map(
        (runtime) =>
          chosen(suite, options.subjects).filter((entrant) => entrant.absent?.[runtime] === undefined).length,
      )
      return sum + estimateMs(suite, options.quick, subjects)
    }, 0)
    print(`This takes about ${inWords(expected)} on two cores that have nothing else to do.\n`)
    for (const suite of options.suites) {
      const entrants = chosen(suite, options.subjects)
      const own = (subject: string) => entrants.some((entrant) => entrant.ours && entrant.name === subject)
      const suiteFolder = join(folder, suite.name)
      mkdirSync(suiteFolder)
      const onLeftOut = (one: LeftOut, declined: boolean) => {
        leftOut.push(one)
        failed ||= own(one.subject) && !declined
        print(leftOutLine(one))
      }
      let prepared: Prepared | undefined
      try {
        prepared = await suite.prepare?.(suiteFolder)
        Object.assign(suiteVersions, prepared?.versions)
      } catch (cause) {
        // Nobody can be measured here, but the other suites can.
        const reason = `the suite could not be prepared: ${reasonOf(cause)}`
        for (const runtime of options.runtimes)
          for (const { name } of entrants) onLeftOut({ suite: suite.name, runtime, subject: name, reason }, false)
        continue
      }
      try {
        for (const runtime of options.runtimes) {
          const measured = await runOn({
            suite,
            runtime,
            entrants,
            data: prepared?.data ?? null,
            folder: suiteFolder,
            quick: options.quick,
            peersMissing,
            signal,
            onCase: (one, figures) => print(`${caseTable(suite.name, runtime, one, figures, own)}\n`),
            onLeftOut,
          })
          results.push(...measured)
        }
      } finally {
        await prepared?.release()
      }
      rmSync(suiteFolder, { recursive: true, force: true })
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const outcomes = evaluate(targets, results, (target) => isAsked(target, options))
  if (outcomes.length > 0) print(targetTable(outcomes))
  const report: Report = {
    machine: on,
    versions: { ...versions(options.runtimes), ...suiteVersions },
    date,
    quick: options.quick,
    results,
    leftOut,
    targets: outcomes,
  }
  return { report, failed }
}

/** A target is looked at when the run was asked for everything that it compares. */
const isAsked = (target: Target, { suites, runtimes, subjects }: Options): boolean =>
  askedBy(target).every(
    (asked) =>
      runtimes.includes(asked.runtime) &&
      suites.some((suite) => suite.name === asked.suite) &&
      (subjects === undefined || subjects.has(asked.subject)),
  )
