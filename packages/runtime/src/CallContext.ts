/**
 * What code that runs for a call has of its caller's fiber, and how it logs, traces and counts through the program. For
 * plain code in a task or a resident's method, in a worker or inline; loads nothing of Effect. Code written in Effect uses
 * `@offloop/runtime/worker/effect`.
 *
 * The caller's log annotations, log spans, minimum log level, span, metric labels and crossing refs are here, as anyio
 * copies context variables into a thread. What is changed here holds here, and never flows back.
 */

import { carry, carryEntries } from "./internal/context/carried.ts"
import type { Level } from "./internal/context/level.ts"
import { reaches } from "./internal/context/level.ts"
import { follow, type Here, here, within } from "./internal/context/place.ts"
import { nanos, nextSpan } from "./internal/context/scope.ts"
import { isThenable } from "./internal/thenable.ts"
import { portray } from "./internal/transport/portrait.ts"

export type { Level } from "./internal/context/level.ts"

follow()

/**
 * Logs through the program's Logger, as if its caller's fiber did: with its annotations and spans, at the time at which it
 * is called. It comes out while the task goes on, and before the task's result. What is below the caller's minimum level
 * is not sent. Parts that cannot cross are sent as text. Where no Offloop runs, it goes to the console.
 *
 * ```ts
 * import { logInfo } from "@offloop/runtime/worker"
 *
 * export const load = (path: string): void => {
 *   logInfo("loading", { path })
 * }
 * ```
 */
export const logInfo = (...message: ReadonlyArray<unknown>): void => logAt("Info", message)

/** `logInfo` at the level that Effect logs at by default, which is the same. */
export const log = logInfo

/** `logInfo` at level Trace. */
export const logTrace = (...message: ReadonlyArray<unknown>): void => logAt("Trace", message)

/** `logInfo` at level Debug. */
export const logDebug = (...message: ReadonlyArray<unknown>): void => logAt("Debug", message)

/** `logInfo` at level Warning. */
export const logWarning = (...message: ReadonlyArray<unknown>): void => logAt("Warning", message)

/** `logInfo` at level Error. */
export const logError = (...message: ReadonlyArray<unknown>): void => logAt("Error", message)

/** `logInfo` at level Fatal. */
export const logFatal = (...message: ReadonlyArray<unknown>): void => logAt("Fatal", message)

const methods = {
  All: "log",
  Trace: "debug",
  Debug: "debug",
  Info: "log",
  Warning: "warn",
  Error: "error",
  Fatal: "error",
  None: "log",
} as const

const logAt = (level: Level, message: ReadonlyArray<unknown>): void => {
  const at = here()
  if (at === undefined) {
    if (reaches(level, "Info")) console[methods[level]](...message)
    return
  }
  if (!reaches(level, at.scope.minimumLevel)) return
  at.scope.outlet.tell(
    at.scope,
    {
      type: "log",
      level,
      message: message.map(carry),
      cause: undefined,
      // Known to the loop, unless its caller is gone.
      annotations: at.annotations === undefined && at.scope.open ? undefined : carryEntries(annotationsAt(at)),
      spans: at.logSpans === undefined && at.scope.open ? undefined : logSpansAt(at),
      time: Date.now(),
      span: at.span,
    },
    true,
  )
}

/** The least level at which the program logs: for code whose messages are costly to make. */
export const minimumLogLevel = (): Level => here()?.scope.minimumLevel ?? "Info"

/** The log annotations of the caller, and those added here. */
export const logAnnotations = (): ReadonlyMap<string, unknown> => {
  const at = here()
  return at === undefined ? new Map() : annotationsAt(at)
}

const annotationsAt = (at: Here): ReadonlyMap<string, unknown> => at.annotations ?? at.scope.callerAnnotations

const logSpansAt = (at: Here): ReadonlyArray<readonly [string, number]> => at.logSpans ?? at.scope.sent?.logSpans ?? []

/**
 * Runs a function, everything that it starts included, with log annotations added.
 *
 * ```ts
 * import { annotateLogs, logInfo } from "@offloop/runtime/worker"
 *
 * export const load = (path: string): void => annotateLogs({ path }, () => logInfo("loading"))
 * ```
 */
export const annotateLogs = <A>(annotations: Readonly<Record<string, unknown>>, run: () => A): A => {
  const at = here()
  if (at === undefined) return run()
  return within(part(at, { annotations: new Map([...annotationsAt(at), ...Object.entries(annotations)]) }), run)
}

/** Runs a function, everything that it starts included, with a log span: its log entries say how long it has taken. */
export const withLogSpan = <A>(label: string, run: () => A): A => {
  const at = here()
  if (at === undefined) return run()
  return within(part(at, { logSpans: [[label, Date.now()], ...logSpansAt(at)] }), run)
}

const part = (at: Here, changed: Partial<Here>): Here => ({
  scope: at.scope,
  annotations: at.annotations,
  logSpans: at.logSpans,
  span: at.span,
  ...changed,
})

/** How a span begins. */
export interface SpanOptions {
  readonly attributes?: Readonly<Record<string, unknown>> | undefined
  readonly kind?: "internal" | "server" | "client" | "producer" | "consumer" | undefined
  /** Whether it stands for itself, and not under the caller's span. Default: `false`. */
  readonly root?: boolean | undefined
}

/** A span of this code. */
export interface Span {
  readonly attribute: (key: string, value: unknown) => void
  readonly event: (name: string, attributes?: Readonly<Record<string, unknown>>) => void
}

/**
 * Runs a function in a span of the program's Tracer, under the caller's span or the one that this code is in. It ends when
 * the function returns or throws, or when the promise that it returns is settled, at the time at which that happens.
 *
 * ```ts
 * import { withSpan } from "@offloop/runtime/worker"
 *
 * export const total = (numbers: ReadonlyArray<number>): number =>
 *   withSpan("total", { attributes: { count: numbers.length } }, (span) => {
 *     span.event("adding")
 *     return numbers.reduce((sum, n) => sum + n, 0)
 *   })
 * ```
 */
export const withSpan: {
  <A>(name: string, run: (span: Span) => A): A
  <A>(name: string, options: SpanOptions, run: (span: Span) => A): A
} = <A>(name: string, ...args: [(span: Span) => A] | [SpanOptions, (span: Span) => A]): A => {
  const [options, run] = args.length === 1 ? [{}, args[0]] : args
  const at = here()
  if (at === undefined || !at.scope.traced) return run(unseen)
  const { scope } = at
  const span = nextSpan()
  scope.outlet.tell(
    scope,
    {
      type: "spanStart",
      span,
      name,
      parent: options.root === true ? undefined : at.span,
      kind: options.kind ?? "internal",
      links: [],
      time: nanos(),
    },
    false,
  )
  const end = (failed?: { readonly thrown: unknown }): void => {
    const cause = failed && ({ type: "die", defect: portray(failed.thrown) } as const)
    scope.outlet.tell(scope, { type: "spanEnd", span, time: nanos(), cause }, false)
  }
  const inside = part(at, { span })
  const handle = spanAt(inside)
  for (const [key, value] of Object.entries(options.attributes ?? {})) handle.attribute(key, value)
  let result: A
  try {
    result = within(inside, () => run(handle))
  } catch (thrown) {
    end({ thrown })
    throw thrown
  }
  if (!isThenable(result)) {
    end()
    return result
  }
  return Promise.resolve(result).then(
    (value) => {
      end()
      return value
    },
    (thrown: unknown) => {
      end({ thrown })
      throw thrown
    },
  ) as A
}

const unseen: Span = { attribute: () => {}, event: () => {} }

const spanAt = ({ scope, span }: Here): Span => ({
  attribute: (key, value) =>
    scope.outlet.tell(scope, { type: "spanAttributes", span, attributes: [[key, carry(value)]] }, false),
  event: (name, attributes = {}) =>
    scope.outlet.tell(
      scope,
      { type: "spanEvent", span, name, time: nanos(), attributes: carryEntries(Object.entries(attributes)) },
      false,
    ),
})

/**
 * The span that this code is in: the innermost of `withSpan`, or the caller's, to which attributes and events can be added
 * too. Where there is none, nothing becomes of them.
 */
export const currentSpan = (): Span => {
  const at = here()
  return at?.scope.traced === true ? spanAt(at) : unseen
}

/** The caller's span, to be handed on to another system, or `undefined` where the call was made in none. */
export const callerSpan = ():
  | { readonly traceId: string; readonly spanId: string; readonly sampled: boolean }
  | undefined => {
  const span = here()?.scope.sent?.span
  return span && { traceId: span.traceId, spanId: span.spanId, sampled: span.sampled }
}

/**
 * What a crossing ref has in the caller's fiber, as it was sent; `undefined` where the fiber has what the ref begins with.
 * For code that does not load the module of the `CrossingRef`.
 */
export const crossingValue = (key: string): unknown => here()?.scope.sent?.refs?.find(([name]) => name === key)?.[1]

export {
  type Counter,
  counter,
  type Frequency,
  frequency,
  type Gauge,
  gauge,
  type Histogram,
  histogram,
  type Summary,
  summary,
} from "./internal/context/metrics.ts"
