import { constants } from "node:os"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/**
 * Runs a program on Node, Bun or Deno and ends the process with the exit code that the program returns.
 *
 * Ctrl-C, SIGTERM, a closed terminal and a closed output pipe interrupt the program, which then undoes what it had
 * begun; after that the process ends with the code that shells expect: 128 plus the signal's number. A second signal
 * does not cut that short. A defect is printed and ends the process with code 1.
 */
export const runMain = (program: Effect.Effect<number>): void => {
  let interruptedBy: number | undefined

  const interrupt = (signal: number) => {
    interruptedBy ??= signal
    fiber.unsafeInterruptAsFork(fiber.id())
  }
  const onSignal = (name: NodeJS.Signals) => interrupt(constants.signals[name])
  // Closing the reading end (`demo | head`), or the terminal, asks the program to stop, not to fail.
  const onOutputError = () => interrupt(constants.signals.SIGPIPE ?? 13)

  for (const name of endingSignals) process.on(name, onSignal)
  process.stdout.on("error", onOutputError)
  process.stderr.on("error", onOutputError)

  // A program that only waits for a thread or a signal has nothing else that keeps the process up.
  const keepAlive = setInterval(() => {}, 2 ** 31 - 1)
  // Last: the program's first steps run at once, and from then on there is something to undo.
  const fiber = Effect.runFork(program)
  fiber.addObserver((exit) => {
    clearInterval(keepAlive)
    if (interruptedBy !== undefined) process.exit(128 + interruptedBy)
    for (const name of endingSignals) process.off(name, onSignal)
    if (Exit.isFailure(exit)) console.error(Cause.pretty(exit.cause, { renderErrorCause: true }))
    // Not process.exit: the program has released everything, so the process ends by itself.
    process.exitCode = Exit.isSuccess(exit) ? exit.value : 1
  })
}
