import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { RuntimeFiber } from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Runtime from "effect/Runtime"
import * as Tracer from "effect/Tracer"
import type { Compiled } from "../compiler/compiled.ts"
import { batchSize } from "../connection/statement-result.ts"
import type { SqlError } from "../errors/index.ts"
import { type Call, Left } from "../operation/call.ts"
import type { Outcome } from "../operation/outcome.ts"
import type { StatementObserver } from "../session/statement-observer.ts"
import { causeOf, exitOf, runCall } from "./run-call.ts"

// The tracer that a program has when none was installed: its spans go nowhere.
const noTracer = Context.get(DefaultServices.liveServices, Tracer.Tracer)

/** A span would be seen by somebody. */
export const isTraced = (fiber: RuntimeFiber<unknown, unknown>): boolean => fiber.currentTracer !== noTracer

const operationOf = (sql: string): string => /^\s*(\w+)/.exec(sql)?.[1]?.toUpperCase() ?? "UNKNOWN"

const spanName = "sql.execute"

/** Describes a statement as OpenTelemetry's conventions for databases ask. */
const spanOptions = (
  compiled: Compiled<unknown>,
  attributes: Readonly<Record<string, unknown>>,
): Tracer.SpanOptions => {
  const { sql } = compiled.steps[0]
  const size = batchSize(compiled)
  return {
    kind: "client",
    captureStackTrace: false,
    attributes: {
      ...attributes,
      "db.operation.name": operationOf(sql),
      "db.query.text": sql,
      ...(size > 1 ? { "db.operation.batch.size": size } : undefined),
    },
  }
}

/** Runs an Effect in the span of a statement. */
export const traced = <A, E>(
  effect: Effect.Effect<A, E>,
  compiled: Compiled<unknown>,
  attributes: Readonly<Record<string, unknown>>,
): Effect.Effect<A, E> => {
  return Effect.useSpan(spanName, spanOptions(compiled, attributes), (span) => Effect.withParentSpan(effect, span))
}

/** Gives each statement that a call on a fiber sends a span of its own. */
export const statementSpans = (
  fiber: RuntimeFiber<unknown, unknown>,
  attributes: Readonly<Record<string, unknown>>,
): StatementObserver => {
  const { runtimeFlags } = Runtime.defaultRuntime
  const runtime = Runtime.make({ context: fiber.currentContext, runtimeFlags, fiberRefs: fiber.getFiberRefs() })
  const clock = Runtime.runSync(runtime)(Effect.clock)
  return (compiled) => {
    const span = Runtime.runSync(runtime)(Effect.makeSpan(spanName, spanOptions(compiled, attributes)))
    return (outcome) => span.end(clock.unsafeCurrentTimeNanos(), spanExit(outcome))
  }
}

const spanExit = (outcome: Outcome<unknown>): Exit.Exit<unknown, unknown> =>
  !outcome.ok && outcome.error instanceof Left ? Exit.interrupt(FiberId.none) : exitOf(outcome)

/**
 * Runs a statement, in a span of its own where a tracer is installed.
 *
 * @param prepare compiles the statement, or throws why it cannot
 * @param call sends it
 */
export const runStatement = <Row, A>(
  attributes: Readonly<Record<string, unknown>>,
  prepare: () => Compiled<Row>,
  call: (prepare: () => Compiled<Row>) => Call<A>,
): Effect.Effect<A, SqlError> =>
  Effect.withFiberRuntime<A, SqlError>((fiber) => {
    if (!isTraced(fiber)) return runCall(() => call(prepare))
    let compiled: Compiled<Row>
    try {
      compiled = prepare()
    } catch (error) {
      return Effect.failCause(causeOf<SqlError>(error))
    }
    return traced(
      runCall<A, SqlError>(() => call(() => compiled)),
      compiled,
      attributes,
    )
  })

/** {@link runStatement} for statements that are sent together: each has a span, and all of these end with the call. */
export const runStatements = <A>(
  attributes: Readonly<Record<string, unknown>>,
  prepare: () => ReadonlyArray<Compiled<unknown>>,
  call: (all: ReadonlyArray<Compiled<unknown>>) => Call<A>,
): Effect.Effect<A, SqlError> =>
  Effect.withFiberRuntime<A, SqlError>((fiber) => {
    if (!isTraced(fiber)) return runCall(() => call(prepare()))
    return Effect.uninterruptibleMask((restore) => {
      let all: ReadonlyArray<Compiled<unknown>>
      try {
        all = prepare()
      } catch (error) {
        return Effect.failCause(causeOf<SqlError>(error))
      }
      const ends = all.map(statementSpans(fiber, attributes))
      return Effect.onExit(restore(runCall<A, SqlError>(() => call(all))), (exit) =>
        Effect.sync(() => {
          const outcome: Outcome<unknown> = Exit.isSuccess(exit)
            ? { ok: true, value: undefined }
            : { ok: false, error: Exit.isInterrupted(exit) ? new Left() : Cause.squash(exit.cause) }
          for (const end of ends) end(outcome)
        }),
      )
    })
  })
