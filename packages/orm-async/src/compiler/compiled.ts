import { InvalidRequestError } from "../errors/usage-errors.ts"
import type { Template } from "./template.ts"

/** One statement for the driver: run once with `parameters`, or once for each of `parameterSets`. */
export type CompiledStep =
  | { readonly sql: string; readonly parameters: ReadonlyArray<unknown> }
  | { readonly sql: string; readonly parameterSets: ReadonlyArray<ReadonlyArray<unknown>> }

/**
 * A statement compiled for one dialect with its values bound: pure data plus a decoder, independent of any connection.
 *
 * There is more than one step only where one statement value needs several SQL texts: an INSERT of many rows that do
 * not all give the same columns.
 */
export interface Compiled<Row> {
  readonly steps: readonly [CompiledStep, ...ReadonlyArray<CompiledStep>]
  /** It changes data; undefined for SQL that the program wrote itself, of which only the database can tell. */
  readonly isWrite: boolean | undefined
  readonly returnsRows: boolean
  /** At least one result column needs integers of 64 bits. */
  readonly bigints: boolean
  /** Names of the result's columns as the row objects have them. */
  readonly keys: ReadonlyArray<string>
  /** Makes row objects of flat, row-major cells; `columns` are the names that the database gave. */
  readonly decodeRows: (columns: ReadonlyArray<string>, cells: ReadonlyArray<unknown>) => Array<Row>
}

/** Rows of a statement that has none: the engine may ask for them all the same, but none may get lost. */
export const noRows = (columns: ReadonlyArray<string>, cells: ReadonlyArray<unknown>): Array<never> => {
  if (cells.length === 0) return []
  throw new InvalidRequestError({
    message: `The database gave rows (${columns.join(", ")}) for a statement that selects none`,
  })
}

const noKeys: ReadonlyArray<string> = []

/** A template with values: everything but these is the template's. */
export class BoundStatement implements Compiled<unknown> {
  readonly steps: readonly [CompiledStep, ...ReadonlyArray<CompiledStep>]
  readonly #template: Template

  constructor(steps: BoundStatement["steps"], template: Template) {
    this.steps = steps
    this.#template = template
  }

  get isWrite(): boolean | undefined {
    return this.#template.isWrite
  }

  get returnsRows(): boolean {
    return this.#template.returnsRows
  }

  get bigints(): boolean {
    return this.#template.reader?.bigints ?? false
  }

  get keys(): ReadonlyArray<string> {
    return this.#template.reader?.keys ?? noKeys
  }

  get decodeRows(): Compiled<unknown>["decodeRows"] {
    return this.#template.reader?.decodeRows ?? noRows
  }
}
