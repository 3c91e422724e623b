/**
 * Tasks with schemas: `@offloop/runtime/schema`. A contract says what each task takes, gives and fails with. The loop
 * encodes the arguments and decodes the answer, the worker decodes and checks the arguments and encodes the answer, so
 * that class instances, `Option`, dates and tagged errors cross with their identity, and failures are typed.
 *
 * The names `success` and `failure` are those of `Schema.TaggedRequest`. Both sides import the contract; only the worker
 * imports the implementation. Workers that run no such task do not load `effect/Schema`.
 */

import { checked } from "./internal/schema/checked.ts"
import { codecOf } from "./internal/schema/codec.ts"
import type {
  ArgsOf,
  Definition,
  Definitions,
  FailureOf,
  StreamDefinition,
  ValueDefinition,
} from "./internal/schema/definition.ts"
import type { Codec } from "./internal/task/codec.ts"
import type { Contract, Task } from "./Task.ts"

export { type SchemaIssue, TaskSchemaError } from "./errors.ts"
export type { ArgsOf, Definition, Definitions, FailureOf, StreamDefinition, ValueDefinition }

/** The tasks that definitions stand for. */
export type DefinedTasks<D extends Definitions> = {
  readonly [K in keyof D]: D[K] extends StreamDefinition
    ? Task<ArgsOf<D[K]>, AsyncIterable<D[K]["items"]["Type"]>, FailureOf<D[K]>>
    : D[K] extends ValueDefinition
      ? Task<ArgsOf<D[K]>, D[K]["success"]["Type"], FailureOf<D[K]>>
      : never
}

/** A contract and its definitions. Made by `defineTasks`. */
export interface TasksContract<D extends Definitions> extends Contract<DefinedTasks<D>> {
  readonly definitions: D
}

/** The functions that fulfil a contract: as plain as those of any task. A declared failure is thrown. */
export type Implementations<D extends Definitions> = {
  readonly [K in keyof D]: D[K] extends StreamDefinition
    ? (...args: ArgsOf<D[K]>) => Streamed<D[K]["items"]["Type"]> | Promise<Streamed<D[K]["items"]["Type"]>>
    : D[K] extends ValueDefinition
      ? (...args: ArgsOf<D[K]>) => D[K]["success"]["Type"] | Promise<D[K]["success"]["Type"]>
      : never
}

type Streamed<A> = Iterable<A> | AsyncIterable<A>

/**
 * Declares tasks: what they take (`args`, a `Schema.Tuple`), what they give (`success`, or `items` where it is streamed)
 * and what they may fail with (`failure`). Put it into a module of its own, which both sides import. Does no I/O.
 *
 * ```ts
 * // accounts.contract.ts
 * import { defineTasks } from "@offloop/runtime/schema"
 * import { Schema } from "effect"
 *
 * export class Account extends Schema.Class<Account>("Account")({ id: Schema.Number, opened: Schema.Date }) {}
 * export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", { id: Schema.Number }) {}
 *
 * export const accounts = defineTasks({
 *   find: { args: Schema.Tuple(Schema.Int), success: Account, failure: NotFound },
 *   all: { args: Schema.Tuple(), items: Account },
 * })
 * ```
 *
 * ```ts
 * // accounts.ts: runs in the worker
 * import { implement } from "@offloop/runtime/schema"
 * import { Account, accounts, NotFound } from "./accounts.contract.ts"
 *
 * export const { find, all } = implement(accounts, {
 *   find: (id) => {
 *     if (id > 100) throw new NotFound({ id })
 *     return new Account({ id, opened: new Date(0) })
 *   },
 *   *all() {
 *     yield new Account({ id: 1, opened: new Date(0) })
 *   },
 * })
 * ```
 *
 * ```ts
 * // main.ts
 * import { OffLoop, Task } from "@offloop/runtime"
 * import { Effect } from "effect"
 * import { accounts } from "./accounts.contract.ts"
 *
 * const tasks = Task.fromContract(accounts, new URL("./accounts.ts", import.meta.url))
 *
 * const opened = OffLoop.runSync(tasks.find, 7).pipe(
 *   Effect.map((account) => account.opened.getFullYear()),
 *   Effect.catchTag("NotFound", ({ id }) => Effect.succeed(-id)),
 * )
 * ```
 *
 * An argument that does not fit fails the call with `TaskSchemaError` before anything is sent, with its path
 * (`args[0].email`). A result that does not fit fails it too. What a task throws that is not declared is a `TaskError`.
 */
export const defineTasks = <const D extends Definitions>(definitions: D): TasksContract<D> => {
  const codecs: Record<string, Codec> = {}
  for (const [name, definition] of Object.entries(definitions)) {
    let codec: Codec | undefined
    // Made when it is first used: the worker's side never uses it.
    Object.defineProperty(codecs, name, {
      enumerable: true,
      get: () => {
        codec ??= codecOf(definition)
        return codec
      },
    })
  }
  return { definitions, "~codecs": codecs }
}

/**
 * Fulfils a contract, in the worker's module: gives the functions to export, under the same names. Each takes what the
 * loop sends and gives what goes back; to call one directly, call the implementation. See `defineTasks`.
 */
export const implement = <const D extends Definitions>(
  contract: TasksContract<D>,
  implementations: Implementations<D>,
): { readonly [K in keyof D]: (...args: ReadonlyArray<never>) => unknown } => {
  const functions: Record<string, (...args: ReadonlyArray<never>) => unknown> = {}
  for (const [name, definition] of Object.entries(contract.definitions)) {
    functions[name] = checked(
      definition,
      (implementations as Record<string, (...args: ReadonlyArray<unknown>) => unknown>)[name] as never,
    )
  }
  return functions as { readonly [K in keyof D]: (...args: ReadonlyArray<never>) => unknown }
}
