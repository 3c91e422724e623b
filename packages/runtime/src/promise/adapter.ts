/**
 * Turns what the Effect API gives into what the Promise API gives, whatever its members are: an effect becomes a method
 * that gives a promise, a function that gives an effect gives a promise, one that gives a stream gives an async iterable,
 * and one that gives a function is turned again. `{ signal }` in the options interrupts the call when it is aborted.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { iterable } from "./iterable.ts"
import { type CallOptions, callerOf, run } from "./run.ts"

type Method = (...args: ReadonlyArray<unknown>) => unknown

/** What a facade stands for, where the Effect API has to be given it. */
const originals = new WeakMap<object, object>()

/** Says what a facade stands for. */
export const standsFor = <F extends object>(facade: F, original: object): F => {
  originals.set(facade, original)
  return facade
}

/** What the Effect API knows instead of a facade; anything else is itself. */
export const original = (value: unknown): unknown =>
  typeof value === "object" && value !== null ? (originals.get(value) ?? value) : value

/** The signal among options. */
export const signalOf = (options: unknown): AbortSignal | undefined =>
  typeof options === "object" && options !== null && (options as CallOptions).signal instanceof AbortSignal
    ? (options as CallOptions).signal
    : undefined

/** Options as the Effect API takes them. */
export const optionsOf = <O extends object>(options: O): O => {
  const plain: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(options)) if (key !== "signal") plain[key] = original(value)
  return plain as O
}

/** A function that gives an effect or a stream, as one that gives a promise or an async iterable. */
export const adapt = (method: Method, signal?: AbortSignal): Method => {
  const adapted: Method = (...args) => {
    const given = method(...args)
    if (Effect.isEffect(given)) return run(given as Effect.Effect<unknown, unknown>, signal, callerOf(adapted))
    if (isStream(given)) return iterable(given, signal, callerOf(adapted))
    return given
  }
  return adapted
}

/** `adapt` for a function that takes options and gives such a function. */
export const adaptWith =
  (method: (options: never) => Method): ((options: object) => Method) =>
  (options) =>
    adapt((method as (options: object) => Method)(optionsOf(options)), signalOf(options))

/** An effect as a method that runs it. */
export const adaptMember = (effect: Effect.Effect<unknown, unknown>): ((options?: CallOptions) => Promise<unknown>) => {
  const member = (options?: CallOptions): Promise<unknown> => run(effect, signalOf(options), callerOf(member))
  return member
}

/** Every member of an object, by these rules; `more` is added, and stands before them. */
export const facadeOf = (object: object, more: object = {}): object => {
  const facade: Record<PropertyKey, unknown> = {}
  for (const [name, value] of Object.entries(object)) {
    if (Effect.isEffect(value)) facade[name] = adaptMember(value as Effect.Effect<unknown, unknown>)
    else if (typeof value !== "function") facade[name] = value
    else facade[name] = name.endsWith("With") ? adaptWith(value as never) : adapt(value as Method)
  }
  return standsFor(Object.defineProperties(facade, Object.getOwnPropertyDescriptors(more)), object)
}

/** What closes a facade: `close`, and leaving its `await using` block. */
export const closable = (close: () => Promise<void>) => ({ close, [Symbol.asyncDispose]: close })

const isStream = (value: unknown): value is Stream.Stream<unknown, unknown> =>
  typeof value === "object" && value !== null && Stream.StreamTypeId in value
