/**
 * The way in which calls hand over what they give: as Effects, as Promises, or at once.
 *
 * Engine, connection, transaction, result and session are described once, for any style; `EffectStyle`, `PromiseStyle` and
 * `SyncStyle` are the readings of that one description. `A`, `E` and `R` stand for what a member succeeds with, fails with
 * and needs.
 */
export interface Style {
  readonly A: unknown
  readonly E: unknown
  readonly R: unknown
  /** The type that a method gives which does I/O. */
  readonly run: unknown
  /** A member without arguments that does I/O. */
  readonly member: unknown
  /** A member without arguments that gives something to be closed at the end of the surrounding block. */
  readonly scoped: unknown
  /** The type that a block of code, given as a function, must return. */
  readonly body: unknown
  /** The type in which results hand over what they may not find. */
  readonly results: ResultStyle
  /** Rows that arrive bit by bit. */
  readonly stream: unknown
  /** Runs a function beside its connection; `subject` is what the function gets first. */
  readonly runSync: unknown
  readonly subject: unknown
  /** Options that every call takes. */
  readonly options: unknown
}

/** The style of results, which do no I/O. */
export interface ResultStyle {
  readonly A: unknown
  readonly E: unknown
  /** The type that a method gives which may find nothing. */
  readonly checked: unknown
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

/** The method that runs a function with `Subject` where the connection lives, in a style. */
export type RunSync<S extends Style, Subject, E> = (S & { readonly subject: Subject; readonly E: E })["runSync"]

/** The body of a block in a style. */
export type Body<S extends Style, A, E = never, R = never> = (S & {
  readonly A: A
  readonly E: E
  readonly R: R
})["body"]

/** The answer of a method of a result that may find nothing, in a style. */
export type Checked<S extends ResultStyle, A, E = never> = (S & { readonly A: A; readonly E: E })["checked"]

/** Rows that arrive bit by bit, in a style. */
export type Streamed<S extends Style, A, E = never, R = never> = (S & {
  readonly A: A
  readonly E: E
  readonly R: R
})["stream"]
