import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Compiled, CompiledStep } from "../../compiler/compiled.ts"
import type { DriverCursor } from "../../driver/driver.ts"
import { InvalidRequestError, ResourceClosedError, type SqlError } from "../../errors/index.ts"
import type { ExecutionOptions } from "../execution-options.ts"
import { attempt } from "./attempt.ts"
import { type ConnectionCore, noRestore } from "./connection-core.ts"
import { failedStep } from "./statement-run.ts"

const rowsPerFetch = 1000

interface Opened<Row> {
  readonly cursor: DriverCursor
  readonly compiled: Compiled<Row>
  readonly step: CompiledStep
  readonly size: number
}

/** Rows of a statement from a server-side cursor, which is closed however the stream ends. */
export const cursorStream = <Row>(
  core: ConnectionCore,
  compile: () => Compiled<Row>,
  options: () => ExecutionOptions,
): Stream.Stream<Row, SqlError> => {
  const opened = Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const compiled = yield* attempt(compile)
      const { yieldPer = rowsPerFetch } = yield* attempt(options)
      const [step] = compiled.steps
      if (compiled.steps.length > 1 || !("parameters" in step)) {
        return yield* Effect.fail(
          new InvalidRequestError({
            message:
              "stream: only a statement that runs once can be streamed; execute one that has several sets of values",
          }),
        )
      }
      const { sql, parameters } = step
      const { isWrite, bigints } = compiled
      const cursor = yield* core.withTurn(restore, () =>
        core.openCursor(
          restore,
          isWrite,
          (driver, prelude) => driver.openCursor({ sql, parameters, prelude, isWrite, bigints }),
          () => failedStep(step, core.engine.hideParameters),
        ),
      )
      yield* Effect.addFinalizer(() => core.withTurn(noRestore, () => core.closeCursor(cursor)))
      return { cursor, compiled, step, size: yieldPer }
    }),
  )
  return Stream.unwrapScoped(Effect.map(opened, (open) => Stream.repeatEffectChunkOption(fetch(core, open))))
}

const fetch = <Row>(
  core: ConnectionCore,
  { cursor, compiled, step, size }: Opened<Row>,
): Effect.Effect<Chunk.Chunk<Row>, Option.Option<SqlError>> =>
  Effect.uninterruptibleMask((restore) =>
    core.withTurn(restore, () => {
      const refusal = core.refusal()
      if (refusal !== undefined) return Effect.fail(refusal)
      if (!core.hasCursor(cursor)) return Effect.fail(endedError())
      return core.send(
        restore,
        false,
        () => cursor.fetch(size),
        () => failedStep(step, core.engine.hideParameters),
      )
    }),
  ).pipe(
    Effect.flatMap((cells) => attempt(() => compiled.decodeRows(cursor.columns, cells))),
    Effect.mapError(Option.some),
    Effect.flatMap((rows) =>
      rows.length === 0 ? Effect.fail(Option.none()) : Effect.succeed(Chunk.unsafeFromArray(rows)),
    ),
  )

const endedError = () =>
  new ResourceClosedError({
    message:
      "The stream's cursor is closed: its transaction was committed or rolled back, or its connection was lost, before all rows were read",
  })
