import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { closeInBackground, type RowSource } from "../connection/row-cursor.ts"
import type { SqlError } from "../errors/index.ts"
import type { Log } from "../operation/log.ts"
import { causeOf, noRestore, runProcedure, runProcedureIn } from "./run-call.ts"

/**
 * Rows that come bit by bit as a Stream, whose source is closed however the stream ends.
 *
 * @param make gives a fresh source for each run of the stream, or throws why there is none
 */
export const rowStream = <Row>(make: () => RowSource<Row>, log: Log): Stream.Stream<Row, SqlError> => {
  const opened = Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      const source = yield* Effect.try({ try: make, catch: (error) => error }).pipe(
        Effect.catchAll((error) => Effect.failCause(causeOf<SqlError>(error))),
      )
      yield* Effect.addFinalizer((exit) =>
        Exit.isInterrupted(exit)
          ? Effect.sync(() => closeInBackground(source, log))
          : Effect.orDie(runProcedureIn<void, never>(noRestore, () => source.close())),
      )
      yield* runProcedureIn<void, SqlError>(restore, () => source.open())
      return source
    }),
  )
  return Stream.unwrapScoped(Effect.map(opened, (source) => Stream.repeatEffectChunkOption(nextRows(source))))
}

const nextRows = <Row>(source: RowSource<Row>): Effect.Effect<Chunk.Chunk<Row>, Option.Option<SqlError>> =>
  Effect.flatMap(
    Effect.mapError(
      runProcedure<ReadonlyArray<Row>, SqlError>(() => source.next()),
      Option.some,
    ),
    (rows) => (rows.length === 0 ? Effect.fail(Option.none()) : Effect.succeed(Chunk.unsafeFromArray(rows))),
  )
