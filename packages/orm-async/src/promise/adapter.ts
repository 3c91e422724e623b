import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { plainResult } from "../effect/effect-result.ts"
import { adaptable, type CallOptions } from "../style.ts"
import { bodyOf, iterate, type Opened, opened, outside, run, type Surroundings } from "./run.ts"

/**
 * Turns objects of the Effect style into objects of the Promise style, whatever members they have:
 *
 * - a member that is an Effect becomes a method that gives a Promise; what it opened is closed by `await using`
 * - a method that gives an Effect gives a Promise, one that gives a Stream an async iterable
 * - a result gives the plain result that it is made of
 * - a function given to such a method may be async; the objects that it gets are of the Promise style
 * - `{ signal }` as the last argument interrupts the call when it is aborted
 * - everything else is passed on as it is
 *
 * So the two styles cannot drift apart: no member is written here.
 */

type Method = (...args: Array<unknown>) => unknown

interface Facade {
  readonly target: object
  readonly surroundings: Surroundings
}

/** What each facade stands for. */
const facades = new WeakMap<object, Facade>()
const classes = new WeakMap<object, object>()

const isAdaptable = (value: unknown): value is object =>
  typeof value === "object" && value !== null && adaptable in value

const isClass = (value: Method): boolean => Object.getOwnPropertyDescriptor(value, "prototype")?.writable === false

const signalOf = (value: unknown): AbortSignal | undefined => {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, "signal")) return undefined
  const { signal } = value as CallOptions
  return signal instanceof AbortSignal ? signal : undefined
}

/** Arguments as the Effect style takes them, and the signal that was among them. */
const readArguments = (
  args: Array<unknown>,
): { readonly args: Array<unknown>; readonly signal: AbortSignal | undefined } => {
  const signal = signalOf(args.at(-1))
  const plain = args.map((arg, at) => {
    if (signal !== undefined && at === args.length - 1) {
      const { signal: _, ...options } = arg as CallOptions
      return options
    }
    if (typeof arg === "function" && !isClass(arg as Method)) {
      return bodyOf((inside, ...given) => (arg as Method)(...given.map((one) => adapt(one, inside))))
    }
    return typeof arg === "object" && arg !== null ? (facades.get(arg)?.target ?? arg) : arg
  })
  return { args: plain, signal }
}

const adaptOpened = ({ value, close }: Opened<unknown>, surroundings: Surroundings): unknown => {
  const facade = adapt(value, surroundings)
  if (typeof facade !== "object" || facade === null) return facade
  const closable = isAdaptable(value) ? facade : { ...facade }
  if (!Object.hasOwn(closable, Symbol.asyncDispose)) {
    Object.defineProperty(closable, Symbol.asyncDispose, { value: () => run(close, outside, undefined) })
  }
  return closable
}

/** What a method or member of the Effect style gave, in the Promise style. */
const settle = (value: unknown, surroundings: Surroundings, signal: AbortSignal | undefined): unknown => {
  if (isStream(value))
    return iterate(
      Stream.map(value, (row) => adapt(row, surroundings)),
      surroundings,
    )
  if (!Effect.isEffect(value)) return adapt(value, surroundings)
  return run(value as Effect.Effect<unknown, unknown>, surroundings, signal).then((answer) =>
    adapt(answer, surroundings),
  )
}

const isStream = (value: unknown): value is Stream.Stream<unknown, unknown> =>
  typeof value === "object" && value !== null && Stream.StreamTypeId in value

const methodOf = (name: PropertyKey): Method =>
  function (this: object, ...given) {
    const { target, surroundings } = facades.get(this) as Facade
    const method = (target as Record<PropertyKey, unknown>)[name] as Method
    const { args, signal } = readArguments(given)
    return settle(method.apply(target, args), surroundings, signal)
  }

const accessorOf = (name: PropertyKey, writable: boolean): PropertyDescriptor => ({
  configurable: true,
  enumerable: true,
  get(this: object) {
    const facade = facades.get(this)
    if (facade === undefined) return undefined
    const { target, surroundings } = facade
    const value = (target as Record<PropertyKey, unknown>)[name]
    if (!Effect.isEffect(value)) return adapt(value, surroundings)
    return (options?: CallOptions) =>
      run(opened(value as Effect.Effect<unknown, unknown>), surroundings, signalOf(options)).then((answer) =>
        adaptOpened(answer, surroundings),
      )
  },
  ...(writable
    ? {
        set(this: object, value: unknown) {
          const { target } = facades.get(this) as Facade
          ;(target as Record<PropertyKey, unknown>)[name] = value
        },
      }
    : undefined),
})

const describe = (from: object, into: object): void => {
  for (const name of Reflect.ownKeys(from)) {
    if (name === "constructor" || name === adaptable || Object.hasOwn(into, name)) continue
    const { value, set, writable } = Object.getOwnPropertyDescriptor(from, name) as PropertyDescriptor
    const descriptor =
      typeof value === "function"
        ? { configurable: true, writable: true, value: methodOf(name) }
        : accessorOf(name, set !== undefined || writable === true)
    Object.defineProperty(into, name, descriptor)
  }
}

/** The prototype of the facades of a class, made once. */
const prototypeFor = (target: object): object => {
  const own = Object.getPrototypeOf(target) as object
  let made = classes.get(own)
  if (made === undefined) {
    made = {}
    describe(target, made)
    for (let from = own; from !== Object.prototype && from !== null; from = Object.getPrototypeOf(from) as object) {
      describe(from, made)
    }
    classes.set(own, made)
  }
  return made
}

/** A value of the Effect style in the Promise style; one that does no I/O is the same in both. */
export const adapt = (value: unknown, surroundings: Surroundings): unknown => {
  if (!isAdaptable(value)) return plainResult(value) ?? value
  const target = value
  let facade = surroundings.facades.get(target)
  if (facade === undefined) {
    facade = Object.create(prototypeFor(target)) as object
    facades.set(facade, { target, surroundings })
    surroundings.facades.set(target, facade)
  }
  return facade
}

/** A function that gives an Effect of something to be closed, in the Promise style. */
export const adaptScoped =
  (open: Method): Method =>
  (...given) => {
    const { args, signal } = readArguments(given)
    return run(opened(open(...args) as Effect.Effect<unknown, unknown>), outside, signal).then((answer) =>
      adaptOpened(answer, outside),
    )
  }

/** A function that gives a value of the Effect style, in the Promise style. */
export const adaptFunction =
  (make: Method): Method =>
  (...given) => {
    const { args, signal } = readArguments(given)
    return settle(make(...args), outside, signal)
  }
