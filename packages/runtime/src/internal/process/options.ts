/** How processes are started, and how many: what a program says, and what follows from it. */
import type { DurationInput } from "effect/Duration"
import type { InvalidPoolOptionsError } from "../../errors.ts"
import { invalid, invalidReturned, millis } from "../pool/invalid-options.ts"

/** How a process is started. */
export interface ProcessSettings {
  /**
   * Options of the runtime, before the program's own file. Default: on Node and Bun those of the program, without the
   * inspector's; on Deno the permissions that the program has without restriction. On Deno give all that a process
   * needs, permissions too: `["--allow-read", "--v8-flags=--max-old-space-size=512"]`.
   */
  readonly execArgv?: ReadonlyArray<string> | undefined
  /** The environment, in place of the program's. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** The folder that it starts in. Default: the program's. */
  readonly cwd?: string | undefined
}

/** How many processes there are, and how they are started. */
export interface ProcessOptions extends ProcessSettings {
  /** Processes that are started at once and kept. Default: 0. */
  readonly min?: number | undefined
  /** Processes at most. Default: the backend's parallelism. */
  readonly max?: number | undefined
  /** How long a process beyond the minimum may have nothing to do before it ends. Default: 5 minutes, as in anyio. */
  readonly idleTimeout?: DurationInput | undefined
}

/** How many processes, with nothing left open. */
export interface ProcessNumbers {
  readonly min: number
  readonly max: number
  readonly idleMillis: number
}

/** Checks the options and fills in what they leave open, or returns what is wrong with them. */
export const parseProcessOptions = (
  options: ProcessOptions,
  parallelism: number,
): ProcessNumbers | InvalidPoolOptionsError =>
  invalidReturned(() => {
    const max = options.max ?? parallelism
    const min = options.min ?? 0
    if (!Number.isInteger(max) || max < 1) {
      throw invalid("processes.max", `processes.max is an integer of 1 or more, not ${String(max)}.`)
    }
    if (!Number.isInteger(min) || min < 0 || min > max) {
      throw invalid(
        "processes.min",
        `processes.min is an integer from 0 to processes.max (${max}), not ${String(min)}.`,
      )
    }
    return { min, max, idleMillis: millis("processes.idleTimeout", options.idleTimeout, 5 * 60_000) }
  })
