/** How a pool is set up: what a program says, and what follows from it. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { InvalidPoolOptionsError } from "../../errors.ts"
import type { ProcessOptions } from "../process/options.ts"

/** How large the pool is. */
export interface Options {
  /** Threads that are started at once and kept. Default: 0. */
  readonly minThreads?: number | undefined
  /** Threads at most. Default: the backend's parallelism. */
  readonly maxThreads?: number | undefined
  /** How long a thread beyond the minimum may have nothing to do before it ends. Default: 10 seconds, as in anyio. */
  readonly idleTimeout?: Duration.DurationInput | undefined
  /** The processes of the placement `"process"`. None starts before it is needed, unless there is a minimum. */
  readonly processes?: ProcessOptions | undefined
}

/** Options with nothing left open. */
export interface Settings {
  readonly minThreads: number
  readonly maxThreads: number
  readonly idleMillis: number
}

/** Checks the options and fills in what they leave open. */
export const parseOptions = (
  options: Options,
  parallelism: number,
): Effect.Effect<Settings, InvalidPoolOptionsError> => {
  const maxThreads = options.maxThreads ?? parallelism
  const minThreads = options.minThreads ?? 0
  if (!Number.isInteger(maxThreads) || maxThreads < 1) {
    return invalid("maxThreads", `maxThreads is an integer of 1 or more, not ${String(maxThreads)}.`)
  }
  if (!Number.isInteger(minThreads) || minThreads < 0 || minThreads > maxThreads) {
    return invalid(
      "minThreads",
      `minThreads is an integer from 0 to maxThreads (${maxThreads}), not ${String(minThreads)}.`,
    )
  }
  return Effect.succeed({
    minThreads,
    maxThreads,
    idleMillis: Duration.toMillis(options.idleTimeout ?? Duration.seconds(10)),
  })
}

const invalid = (option: InvalidPoolOptionsError["option"], detail: string) =>
  Effect.fail(new InvalidPoolOptionsError({ option, detail }))
