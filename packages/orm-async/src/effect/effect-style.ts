import type { TaskError } from "@offloop/runtime/callback"
import type * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { SyncTask } from "../connection/sync-task.ts"
import type { ResultStyle, Style } from "../style.ts"

/** The style of `@offloop/orm-async`: Effects with typed errors, and Scopes that close what was opened in them. */
export interface EffectStyle extends Style {
  readonly run: Effect.Effect<this["A"], this["E"], this["R"]>
  readonly member: Effect.Effect<this["A"], this["E"], this["R"]>
  readonly scoped: Effect.Effect<this["A"], this["E"], this["R"] | Scope.Scope>
  readonly body: Effect.Effect<this["A"], this["E"], this["R"]>
  readonly results: EitherStyle
  readonly stream: Stream.Stream<this["A"], this["E"], this["R"]>
  readonly runSync: <Args extends ReadonlyArray<unknown>, A>(
    task: SyncTask<this["subject"], Args, A>,
    ...args: Args
  ) => Effect.Effect<A, this["E"] | TaskError>
  readonly options: unknown
}

/** The style of results that give an Either where they may find the wrong number of rows. */
export interface EitherStyle extends ResultStyle {
  readonly checked: Either.Either<this["A"], this["E"]>
}
