/** The end of a call. */
export type Outcome<A, E = unknown> =
  | { readonly ok: true; readonly value: A }
  | { readonly ok: false; readonly error: E }

/** Is told how a call ended: exactly once, perhaps before the call has returned. */
export type Done<A, E = unknown> = (outcome: Outcome<A, E>) => void

/** The outcome of a call that gives nothing. */
export const succeeded: Outcome<void, never> = { ok: true, value: undefined }

/** The outcome of a call that failed. */
export const failure = <E>(error: E): Outcome<never, E> => ({ ok: false, error })
