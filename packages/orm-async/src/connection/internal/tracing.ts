import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Effect from "effect/Effect"
import type { RuntimeFiber } from "effect/Fiber"
import * as Tracer from "effect/Tracer"
import type { Compiled } from "../../compiler/compiled.ts"
import { batchSize } from "./statement-run.ts"

// The tracer that a program has when none was installed: its spans go nowhere.
const noTracer = Context.get(DefaultServices.liveServices, Tracer.Tracer)

/** Whether somebody would see a span. */
export const isTraced = (fiber: RuntimeFiber<unknown, unknown>): boolean => fiber.currentTracer !== noTracer

const operationOf = (sql: string): string => /^\s*(\w+)/.exec(sql)?.[1]?.toUpperCase() ?? "UNKNOWN"

/** Runs a statement in a span of its own, named and described as OpenTelemetry's conventions for databases ask. */
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
