import cliProgress from "cli-progress"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Screen } from "./screen.ts"

/** Tells how far a job is: `report(done)` whenever some more is done. Plain and synchronous, cheap to call. */
export type Report = (done: number) => void

const count = new Intl.NumberFormat("en")

/** The pace of a job so far, and the time that the rest takes at that pace. */
export const pace = (done: number, total: number, elapsedMs: number): { perSecond: string; eta: string } => {
  const perSecond = elapsedMs > 0 ? (done * 1000) / elapsedMs : 0
  return {
    perSecond: count.format(Math.round(perSecond)),
    eta: perSecond > 0 ? `${Math.ceil((total - done) / perSecond)} s` : "unknown",
  }
}

const makeBar = (screen: typeof Screen.Service, label: string, total: number) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const bar = new cliProgress.SingleBar({
        format: `${label} [{bar}] {percentage}% | {done} of {all} | {perSecond} rows/s | ETA {left}`,
        stream: screen.stream,
        barsize: Math.max(10, Math.min(40, screen.columns - 70)),
        hideCursor: true,
        // The program itself stops the bar when it is interrupted.
        gracefulExit: false,
      })
      bar.start(total, 0, { done: "0", all: count.format(total), perSecond: "0", left: "unknown" })
      return bar
    }),
    (bar) => Effect.sync(() => bar.stop()),
  )

/**
 * Shows a job of `total` rows until the scope closes: a live bar with rows per second and ETA on a terminal, elsewhere
 * one line for each tenth of the job.
 */
export const progress = (label: string, total: number): Effect.Effect<Report, never, Scope.Scope | Screen> =>
  Effect.gen(function* () {
    const screen = yield* Screen
    const started = performance.now()
    if (screen.isTerminal) {
      const bar = yield* makeBar(screen, label, total)
      return (done: number) => {
        const { perSecond, eta } = pace(done, total, performance.now() - started)
        bar.update(done, { done: count.format(done), perSecond, left: eta })
      }
    }
    let nextTenth = 1
    return (done: number) => {
      if (done * 10 < total * nextTenth) return
      nextTenth = Math.floor((done * 10) / total) + 1
      const { perSecond, eta } = pace(done, total, performance.now() - started)
      const percent = Math.floor((done * 100) / total)
      screen.stream.write(
        `${label}: ${count.format(done)} of ${count.format(total)} (${percent}%), ${perSecond} rows/s, ETA ${eta}\n`,
      )
    }
  })
