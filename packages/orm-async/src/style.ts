import type * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"

/**
 * How results are handed over: as Effects, or as Promises.
 *
 * Engine, connection, transaction, result and session are described once, for any style; {@link EffectStyle} and
 * {@link PromiseStyle} are the two readings of that one description. `A`, `E` and `R` stand for what a member succeeds
 * with, fails with and needs.
 */
export interface Style {
  readonly A: unknown
  readonly E: unknown
  readonly R: unknown
  /** What a method gives that does I/O. */
  readonly run: unknown
  /** A member without arguments that does I/O. */
  readonly member: unknown
  /** A member without arguments that gives something to be closed at the end of the surrounding block. */
  readonly scoped: unknown
  /** What a block of code given as a function must return. */
  readonly body: unknown
  /** What a synchronous method gives that may find nothing. */
  readonly checked: unknown
  /** Rows that arrive bit by bit. */
  readonly stream: unknown
  /** Options that every call takes. */
  readonly options: unknown
}

/** Options of every call in the Promise style. */
export interface CallOptions {
  /** Aborting it interrupts the call, with the same effect as interrupting its fiber has in the Effect style. */
  readonly signal?: AbortSignal | undefined
}

/** The style of the main entry point: Effects, with typed errors, and Scopes that close what they opened. */
export interface EffectStyle extends Style {
  readonly run: Effect.Effect<this["A"], this["E"], this["R"]>
  readonly member: Effect.Effect<this["A"], this["E"], this["R"]>
  readonly scoped: Effect.Effect<this["A"], this["E"], this["R"] | Scope.Scope>
  readonly body: Effect.Effect<this["A"], this["E"], this["R"]>
  readonly checked: Either.Either<this["A"], this["E"]>
  readonly stream: Stream.Stream<this["A"], this["E"], this["R"]>
  readonly options: unknown
}

/** The style of `@offloop/orm-async/promise`: Promises that reject with the typed error itself, and `await using`. */
export interface PromiseStyle extends Style {
  readonly run: Promise<this["A"]>
  readonly member: (options?: CallOptions) => Promise<this["A"]>
  readonly scoped: (options?: CallOptions) => Promise<this["A"] & AsyncDisposable>
  readonly body: PromiseLike<this["A"]> | this["A"]
  readonly checked: this["A"]
  readonly stream: AsyncIterable<this["A"]>
  readonly options: CallOptions
}

/** A method's I/O in a style. */
export type Run<S extends Style, A, E = never, R = never> = (S & { readonly A: A; readonly E: E; readonly R: R })["run"]

/** A member in a style that does I/O and takes no arguments. */
export type Member<S extends Style, A, E = never, R = never> = (S & {
  readonly A: A
  readonly E: E
  readonly R: R
})["member"]

/** A member in a style that opens something which the surrounding block closes. */
export type Scoped<S extends Style, A, E = never, R = never> = (S & {
  readonly A: A
  readonly E: E
  readonly R: R
})["scoped"]

/** The body of a block in a style. */
export type Body<S extends Style, A, E = never, R = never> = (S & {
  readonly A: A
  readonly E: E
  readonly R: R
})["body"]

/** A synchronous answer in a style that may be an error. */
export type Checked<S extends Style, A, E = never> = (S & {
  readonly A: A
  readonly E: E
  readonly R: never
})["checked"]

/** Rows that arrive bit by bit, in a style. */
export type Streamed<S extends Style, A, E = never, R = never> = (S & {
  readonly A: A
  readonly E: E
  readonly R: R
})["stream"]

/**
 * Marks an object whose members do I/O and whose callbacks give Effects, so that the Promise style has a reading of it.
 *
 * @internal
 */
export const adaptable: unique symbol = Symbol.for("@offloop/orm-async/adaptable") as never
