import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import type { RuntimeFiber } from "effect/Fiber"
import * as Tracer from "effect/Tracer"
import type { Compiled } from "../compiler/compiled.ts"
import { batchSize } from "../connection/statement-result.ts"
import type { SqlError } from "../errors/index.ts"
import type { Call } from "../operation/call.ts"
import { causeOf, runCall } from "./run-call.ts"

// The tracer that a program has when none was installed: its spans go nowhere.
const noTracer = Context.get(DefaultServices.liveServices, Tracer.Tracer)

/** A span would be seen by somebody. */
export const isTraced = (fiber: RuntimeFiber<unknown, unknown>): boolean => fiber.currentTracer !== noTracer

const operationOf = (sql: string): string => /^\s*(\w+)/.exec(sql)?.[1]?.toUpperCase() ?? "UNKNOWN"

/** Runs an Effect in the span of a statement, named and described as OpenTelemetry's conventions for databases ask. */
export const traced = <A, E>(
  effect: Effect.Effect<A, E>,
  compiled: Compiled<unknown>,
  attributes: Readonly<Record<string, unknown>>,
): Effect.Effect<A, E> => {
  const { sql } = compiled.steps[0]
  const size = batchSize(compiled)
  return Effect.useSpan(
    "sql.execute",
    {
      kind: "client",
      captureStackTrace: false,
      attributes: {
        ...attributes,
        "db.operation.name": operationOf(sql),
        "db.query.text": sql,
        ...(size > 1 ? { "db.operation.batch.size": size } : undefined),
      },
    },
    (span) => Effect.withParentSpan(effect, span),
  )
}

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
