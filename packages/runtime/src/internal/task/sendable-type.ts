/** Which types of arguments can cross to a thread: the compiler's share of what `UnsendableError` says at run time. */

/** Stands where a type cannot cross, so that the compiler says why. */
export interface CannotCross<out Why extends string> {
  readonly "~cannotCross": Why
}

type Primitive = string | number | bigint | boolean | null | undefined

type Callable = ((...args: never) => unknown) | (abstract new (...args: never) => unknown)

/** Cloned or moved by the engine as a whole, though they have methods. By shape, for all runtimes' own types. */
type Whole =
  | Date
  | RegExp
  | ArrayBufferView
  | { readonly byteLength: number; readonly slice: Callable }
  | { readonly name: string; readonly message: string }
  | { readonly postMessage: Callable; readonly close: Callable }
  | { readonly getReader: Callable; readonly locked: boolean }
  | { readonly getWriter: Callable; readonly locked: boolean }
  | { readonly readable: { readonly getReader: Callable }; readonly writable: { readonly getWriter: Callable } }
  | { readonly size: number; readonly type: string; readonly arrayBuffer: Callable }
  | { readonly fd: number; readonly close: Callable }

/** What is never sent, and why: for a better word than that of the first of its methods. */
type Refused<T> = T extends Callable
  ? CannotCross<"A function cannot cross to a thread: export it from a module and call it there, or use a Portal">
  : T extends symbol
    ? CannotCross<"A symbol cannot cross to a thread">
    : T extends PromiseLike<unknown>
      ? CannotCross<"A promise cannot cross to a thread: await it first">
      : T extends { readonly aborted: boolean; readonly addEventListener: Callable }
        ? CannotCross<"An AbortSignal cannot cross to a thread: interrupt the call, and ask currentSignal() there">
        : T extends WeakMap<WeakKey, unknown> | WeakSet<WeakKey> | WeakRef<WeakKey>
          ? CannotCross<"A weak collection cannot cross to a thread">
          : never

/** Types are followed this deep; what is deeper is found when it is sent. */
type MaxDepth = 4

/** `true` among the results where something in the type cannot cross. */
type Offends<T, Depth extends ReadonlyArray<0>> = 0 extends 1 & T
  ? false
  : unknown extends T
    ? false
    : T extends Primitive
      ? false
      : [Refused<T>] extends [never]
        ? T extends Whole
          ? false
          : Depth["length"] extends MaxDepth
            ? false
            : T extends ReadonlyArray<infer Item>
              ? Offends<Item, [...Depth, 0]>
              : T extends ReadonlyMap<infer Key, infer Item>
                ? Offends<Key | Item, [...Depth, 0]>
                : T extends ReadonlySet<infer Item>
                  ? Offends<Item, [...Depth, 0]>
                  : { [K in keyof T & string]-?: Offends<T[K], [...Depth, 0]> }[keyof T & string]
        : true

type Without<T> = T extends Primitive
  ? T
  : [Refused<T>] extends [never]
    ? T extends Whole
      ? T
      : T extends ReadonlyMap<infer Key, infer Item>
        ? ReadonlyMap<Sendable<Key>, Sendable<Item>>
        : T extends ReadonlySet<infer Item>
          ? ReadonlySet<Sendable<Item>>
          : { [K in keyof T]: Sendable<T[K]> }
    : Refused<T>

/** A type as it is, where all of it can cross; otherwise with `CannotCross` in the place of what cannot. */
export type Sendable<T> = true extends Offends<T, []> ? Without<T> : T

/** `Sendable` for each parameter of a function. */
export type SendableArgs<Args extends ReadonlyArray<unknown>> = { [K in keyof Args]: Sendable<Args[K]> }
