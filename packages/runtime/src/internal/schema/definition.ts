/** What a contract says of one task. */
import type * as Schema from "effect/Schema"

/** A schema of the arguments: `Schema.Tuple` with an element for each. */
export type ArgsSchema = Schema.Schema.AnyNoContext & { readonly Type: ReadonlyArray<unknown> }

/** A task that gives one value. */
export interface ValueDefinition {
  readonly args: ArgsSchema
  /** What it gives. */
  readonly success: Schema.Schema.AnyNoContext
  /** What it is declared to fail with. Default: nothing. */
  readonly failure?: Schema.Schema.AnyNoContext | undefined
}

/** A task that is streamed. */
export interface StreamDefinition {
  readonly args: ArgsSchema
  /** What it iterates. */
  readonly items: Schema.Schema.AnyNoContext
  readonly failure?: Schema.Schema.AnyNoContext | undefined
}

export type Definition = ValueDefinition | StreamDefinition

export type Definitions = { readonly [name: string]: Definition }

/** What a task takes. */
export type ArgsOf<D extends Definition> = D["args"]["Type"]

/** What a task is declared to fail with. */
export type FailureOf<D extends Definition> = D extends { readonly failure: infer F extends Schema.Schema.AnyNoContext }
  ? F["Type"]
  : never
