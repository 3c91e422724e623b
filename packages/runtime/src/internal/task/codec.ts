/** How the values of a task cross where a contract says it. Without one they cross as they are. */
export interface Codec {
  /** The arguments as they are sent. Throws a `TaskSchemaError` where they are not what the contract says. */
  readonly encodeArgs: (target: string, args: ReadonlyArray<unknown>) => ReadonlyArray<unknown>
  /** What a task gave, or an item of it, from what was sent. Throws a `TaskSchemaError`. */
  readonly decodeResult: (target: string, value: unknown) => unknown
  /** What a task failed with, from what it threw; `undefined` where that is no failure that the contract declares. */
  readonly decodeFailure: (target: string, thrown: unknown) => unknown
}
