/**
 * For tests: finds code that blocks the event loop, and names it.
 *
 * Python's `blockbuster`, which anyio's own tests run under, replaces functions that are known to block. This guard needs no
 * list: it measures how long the loop did nothing else, and takes the stack from the CPU profiler of the runtime's inspector
 * (`node:inspector`, on Node, Bun and Deno, also in threads). What it cannot see is a stall that never ends.
 */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { type Stall, startWatch } from "./internal/guard/watch.ts"

/** What a guard lets pass. */
export interface GuardOptions {
  /**
   * How long the loop may do nothing else. Default: 100 milliseconds; at least 1. A stall is known to within a tenth of it, at most
   * 10 milliseconds, and is never reported as longer than it was. The machine's other programs can stall a loop too, so
   * less than 20 milliseconds is for quiet machines.
   */
  readonly threshold?: Duration.DurationInput | undefined
  /**
   * Code that may block: a stall is let pass if a line of its stack, as in `LoopBlockedError.calls`, contains a text or matches an
   * expression of these.
   */
  readonly allow?: ReadonlyArray<string | RegExp> | undefined
}

/** Code blocked the event loop for longer than a guard allows. `stack` is that of the code, where it is known. */
export class LoopBlockedError extends Data.TaggedError("LoopBlockedError")<{
  /** How long, in milliseconds. */
  readonly blockedMs: number
  /** What the guard allows, in milliseconds. */
  readonly thresholdMs: number
  /**
   * The calls that took most of that time, the innermost first, as `name (url:line:column)`. The line is where the time went in the
   * innermost, and where the function begins in its callers. An engine
   * may have made a small function part of its caller, which is named then. One line says why, where they are not known.
   */
  readonly calls: ReadonlyArray<string>
}> {
  constructor(args: {
    readonly blockedMs: number
    readonly thresholdMs: number
    readonly calls: ReadonlyArray<string>
  }) {
    super(args)
    const lines = args.calls.map((call) => `\n    at ${call}`)
    Object.defineProperty(this, "stack", {
      value: `${this.name}: ${this.message}${lines.join("")}`,
      enumerable: false,
      configurable: true,
      writable: true,
    })
  }

  override get message(): string {
    return (
      `The event loop was blocked for ${Math.round(this.blockedMs)} ms, more than the ${this.thresholdMs} ms allowed, ` +
      `by ${this.calls[0] ?? "unknown code"}. Run it in a thread, with OffLoop.runSync or a Resident.`
    )
  }
}

const parse = (options: GuardOptions): { readonly threshold: number; readonly blocked: Blocked } => {
  const threshold = Math.max(1, Duration.toMillis(options.threshold ?? Duration.millis(100)))
  const allow = options.allow ?? []
  const allowed = ({ calls }: Stall): boolean =>
    calls.some((call) => allow.some((one) => (typeof one === "string" ? call.includes(one) : call.search(one) >= 0)))
  return {
    threshold,
    blocked: (stalls) => {
      const stall = stalls.find((one) => !allowed(one))
      if (stall === undefined) return undefined
      return new LoopBlockedError({ blockedMs: stall.millis, thresholdMs: threshold, calls: stall.calls })
    },
  }
}

type Blocked = (stalls: ReadonlyArray<Stall>) => LoopBlockedError | undefined

/**
 * Runs a function, and rejects with `LoopBlockedError` if the loop was blocked for too long meanwhile, by the function or by
 * anything else of this thread. What the function itself throws comes first.
 *
 * ```ts
 * import { guard } from "@offloop/runtime/testing"
 *
 * const page = await guard(async () => (await fetch("http://localhost/")).text(), { threshold: "50 millis" })
 * ```
 */
export const guard = async <A>(run: () => A | PromiseLike<A>, options: GuardOptions = {}): Promise<A> => {
  const { threshold, blocked } = parse(options)
  const watch = await startWatch(threshold)
  let value: A
  try {
    value = await run()
  } catch (thrown) {
    await watch.end()
    throw thrown
  }
  const error = blocked(await watch.end())
  if (error !== undefined) throw error
  return value
}

/**
 * Runs an effect, and fails with `LoopBlockedError` if the loop was blocked for too long meanwhile, by the effect or by anything else
 * of this thread. Where the effect fails too, the cause has both.
 *
 * ```ts
 * import { around } from "@offloop/runtime/testing"
 * import { Effect } from "effect"
 *
 * const program = around(Effect.sleep("1 second"), { threshold: "50 millis" })
 * ```
 */
export const around = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  options: GuardOptions = {},
): Effect.Effect<A, E | LoopBlockedError, R> =>
  Effect.suspend(() => {
    const { threshold, blocked } = parse(options)
    return Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(
        Effect.promise(() => startWatch(threshold)),
        (watch) =>
          Effect.flatMap(
            Effect.exit(restore(effect)),
            (exit): Exit.Exit<A, E | LoopBlockedError> | Effect.Effect<A, E | LoopBlockedError> =>
              Effect.flatMap(
                Effect.promise(() => watch.end()),
                (stalls) => {
                  const error = blocked(stalls)
                  if (error === undefined) return exit
                  const cause = Cause.fail(error)
                  return Exit.failCause(Exit.isFailure(exit) ? Cause.sequential(exit.cause, cause) : cause)
                },
              ),
          ),
      ),
    )
  })

/** The hooks of a test runner: those of vitest, jest, `node:test` and `bun:test` fit. */
export interface Hooks {
  readonly beforeEach: (hook: () => Promise<void>) => unknown
  readonly afterEach: (hook: () => Promise<void>) => unknown
}

/**
 * Guards every test, one after the other, of the file or the whole run that this is called for: a test that blocks the loop for too
 * long fails with `LoopBlockedError`. To be called in a test file, or in a setup file for all tests.
 *
 * ```ts
 * // setup.ts
 * import { guardEach } from "@offloop/runtime/testing"
 * import { afterEach, beforeEach } from "node:test"
 *
 * guardEach({ beforeEach, afterEach }, { threshold: "200 millis" })
 * ```
 */
export const guardEach = ({ beforeEach, afterEach }: Hooks, options: GuardOptions = {}): void => {
  const { threshold, blocked } = parse(options)
  let watch: Awaited<ReturnType<typeof startWatch>> | undefined
  beforeEach(async () => {
    watch = await startWatch(threshold)
  })
  afterEach(async () => {
    const stalls = (await watch?.end()) ?? []
    watch = undefined
    const error = blocked(stalls)
    if (error !== undefined) throw error
  })
}
