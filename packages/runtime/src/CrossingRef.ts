/**
 * Fiber refs whose value goes along with a call: anyio's context variables in a thread.
 *
 * A `FiberRef` is an object, and so not the same one in a worker. What both sides have in common is the module in which it
 * is made, and the key under which it is known there.
 */
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import { CrossingRefError } from "./errors.ts"
import { crossings } from "./internal/context/crossing.ts"

/** How a value that cannot be sent by itself crosses. */
export interface Options<A, I> {
  /** Makes something of a value that can be sent. */
  readonly encode: (value: A) => I
  /** Makes the value of it again, in the worker. */
  readonly decode: (encoded: I) => A
}

/**
 * A new fiber ref that crosses: the value that it has in the fiber that makes a call is what it has in the worker for the
 * code of that call that runs by `runSync` or `runPromise` of `@offloop/runtime/worker/effect`, and what
 * `crossingValue(key)` of `@offloop/runtime/worker` gives to other code there. A value that is changed in the worker does
 * not flow back. Make it at the top of a module that both sides import.
 *
 * A call whose value cannot be sent fails with `UnsendableError`, whose path names the key. There is one ref for a key in a
 * thread: where a program has a module twice, bundled and not, both have the same ref.
 *
 * ```ts
 * import { CrossingRef } from "@offloop/runtime"
 * import { Schema } from "effect"
 *
 * export const tenant = CrossingRef.make("my-app/tenant", "nobody")
 *
 * const Deadline = Schema.NullOr(Schema.DateFromString)
 * export const deadline = CrossingRef.make<Date | null, string | null>("my-app/deadline", null, {
 *   encode: Schema.encodeSync(Deadline),
 *   decode: Schema.decodeSync(Deadline),
 * })
 * ```
 *
 * @param key the same on both sides, and nobody else's
 * @param initial what it has where nothing was set
 * @param options for values that are not plain data
 */
export const make = <A, I = A>(key: string, initial: A, options?: Options<A, I>): FiberRef.FiberRef<A> =>
  (crossings.get(key)?.ref as FiberRef.FiberRef<A> | undefined) ??
  fromRef(key, FiberRef.unsafeMake<A>(initial), options)

/**
 * Makes a fiber ref cross that exists already, of a library or of Effect itself, and gives it back. It has to be the same
 * object wherever it is used in a thread: another ref under the same key throws `CrossingRefError`.
 *
 * ```ts
 * import { CrossingRef } from "@offloop/runtime"
 * import { FiberRef } from "effect"
 *
 * export const concurrency = CrossingRef.fromRef("my-app/concurrency", FiberRef.currentConcurrency)
 * ```
 */
export const fromRef = <A, I = A>(
  key: string,
  ref: FiberRef.FiberRef<A>,
  options?: Options<A, I>,
): FiberRef.FiberRef<A> => {
  const known = crossings.get(key)
  if (known !== undefined && known.ref !== ref) throw new CrossingRefError({ key })
  crossings.set(key, {
    ref: ref as FiberRef.FiberRef<unknown>,
    initial: FiberRefs.getOrDefault(FiberRefs.empty(), ref),
    encode: (options?.encode as ((value: unknown) => unknown) | undefined) ?? same,
    decode: (options?.decode as ((value: unknown) => unknown) | undefined) ?? same,
  })
  return ref
}

const same = (value: unknown): unknown => value
