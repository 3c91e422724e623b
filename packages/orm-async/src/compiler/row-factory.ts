import type { UnchangedCells } from "../dialect/dialect.ts"
import { ValueProblem } from "../dialect/value-problem.ts"
import { StatementError } from "../errors/statement-error.ts"
import { InvalidRequestError } from "../errors/usage-errors.ts"

type Decode = ((cell: unknown) => unknown) | undefined

/** One result column: where its value goes and how it is read. */
export interface CellPlan {
  readonly key: string
  readonly decode: Decode
  /** Cells that `decode` gives back as they are. */
  readonly unchanged?: UnchangedCells | undefined
  /** `table.column`, for messages. */
  readonly column: string | undefined
}

/** A part of a row: a value, or an object of values. */
export type RowPart =
  | { readonly kind: "cell"; readonly cell: CellPlan }
  | {
      readonly kind: "object"
      readonly key: string
      readonly cells: ReadonlyArray<CellPlan>
      /** Cells that are NULL where an outer join found no row; then the object is null. Undefined: it is always there. */
      readonly presence: ReadonlyArray<number> | undefined
    }

/** The form of rows: flat, of several parts, or one object that may be null. */
export type RowPlan =
  | { readonly form: "flat"; readonly cells: ReadonlyArray<CellPlan> }
  | { readonly form: "parts"; readonly parts: ReadonlyArray<RowPart> }
  | { readonly form: "whole"; readonly part: Extract<RowPart, { kind: "object" }> }

/** Makes rows of row-major cells. */
export type RowFactory = (cells: ReadonlyArray<unknown>) => Array<unknown>

const partsOf = (plan: RowPlan): ReadonlyArray<RowPart> => {
  if (plan.form === "parts") return plan.parts
  return plan.form === "whole" ? [plan.part] : plan.cells.map((cell) => ({ kind: "cell", cell }))
}

/** Every result column of a plan, in order. */
export const cellsOf = (plan: RowPlan): ReadonlyArray<CellPlan> =>
  partsOf(plan).flatMap((part) => (part.kind === "cell" ? [part.cell] : part.cells))

/** `[…]` because `"__proto__": x` would set the prototype instead of a property; others are faster without. */
const property = (key: string, value: string): string =>
  key === "__proto__" ? `["__proto__"]: ${value}` : `${JSON.stringify(key)}: ${value}`

/** Tests that `v` need not be decoded. */
const unchangedTests: Readonly<Record<UnchangedCells, string>> = {
  integer: 'typeof v === "number" && (v | 0) === v',
  number: 'typeof v === "number"',
  string: 'typeof v === "string"',
}

const cellSource = ({ decode, unchanged }: CellPlan, position: number): string => {
  const cell = `cells[o + ${position}]`
  if (decode === undefined) return cell
  const test = `v === null${unchanged === undefined ? "" : ` || (${unchangedTests[unchanged]})`}`
  return `(v = ${cell}, ${test} ? v : d${position}(v))`
}

const objectSource = (cells: ReadonlyArray<CellPlan>, start: number): string =>
  `{ ${cells.map((cell, i) => property(cell.key, cellSource(cell, start + i))).join(", ")} }`

const partSource = (part: RowPart, start: number): string => {
  if (part.kind === "cell") return cellSource(part.cell, start)
  const object = objectSource(part.cells, start)
  if (part.presence === undefined) return object
  const absent = part.presence.map((i) => `cells[o + ${start + i}] === null`).join(" && ")
  return `(${absent} ? null : ${object})`
}

const rowSource = (plan: RowPlan): string => {
  if (plan.form === "flat") return objectSource(plan.cells, 0)
  if (plan.form === "whole") return partSource(plan.part, 0)
  let start = 0
  const properties = plan.parts.map((part) => {
    const source = property(part.kind === "cell" ? part.cell.key : part.key, partSource(part, start))
    start += part.kind === "cell" ? 1 : part.cells.length
    return source
  })
  return `{ ${properties.join(", ")} }`
}

/**
 * A function of its own for each row shape: its objects are literals, so that engines give all rows one hidden class,
 * which a loop over keys would not.
 */
const generated = (plan: RowPlan, cells: ReadonlyArray<CellPlan>): RowFactory => {
  const names = cells.map((_, i) => `d${i}`)
  const body = `"use strict"
return (cells) => {
  const n = cells.length / ${cells.length}
  const rows = new Array(n)
  let v
  for (let i = 0, o = 0; i < n; i++, o += ${cells.length}) rows[i] = ${rowSource(plan)}
  return rows
}`
  return new Function(...names, body)(...cells.map((cell) => cell.decode)) as RowFactory
}

const readCell = (cell: CellPlan, value: unknown): unknown =>
  value === null || cell.decode === undefined ? value : cell.decode(value)

const define = (object: object, key: string, value: unknown): void => {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
}

const readObject = (plans: ReadonlyArray<CellPlan>, cells: ReadonlyArray<unknown>, start: number): object => {
  const object = {}
  plans.forEach((plan, i) => {
    define(object, plan.key, readCell(plan, cells[start + i]))
  })
  return object
}

const readPart = (part: RowPart, cells: ReadonlyArray<unknown>, start: number): unknown => {
  if (part.kind === "cell") return readCell(part.cell, cells[start])
  if (part.presence?.every((i) => cells[start + i] === null)) return null
  return readObject(part.cells, cells, start)
}

/** The same without code generation, for places where a content security policy forbids it. */
export const interpreted = (plan: RowPlan): RowFactory => {
  const width = cellsOf(plan).length
  const parts = partsOf(plan)
  const readRow = (cells: ReadonlyArray<unknown>, offset: number): unknown => {
    if (plan.form === "flat") return readObject(plan.cells, cells, offset)
    if (plan.form === "whole") return readPart(plan.part, cells, offset)
    const row = {}
    let start = offset
    for (const part of parts) {
      define(row, part.kind === "cell" ? part.cell.key : part.key, readPart(part, cells, start))
      start += part.kind === "cell" ? 1 : part.cells.length
    }
    return row
  }
  return (cells) => {
    const rows: Array<unknown> = []
    for (let offset = 0; offset < cells.length; offset += width) rows.push(readRow(cells, offset))
    return rows
  }
}

/** The error of the first cell that cannot be read. */
const unreadable = (
  plans: ReadonlyArray<CellPlan>,
  cells: ReadonlyArray<unknown>,
  thrown: ValueProblem,
): StatementError => {
  for (let i = 0; i < cells.length; i++) {
    const plan = plans[i % plans.length]!
    try {
      readCell(plan, cells[i])
    } catch (problem) {
      if (!(problem instanceof ValueProblem)) throw problem
      const column = plan.column ?? plan.key
      const row = Math.floor(i / plans.length)
      return new StatementError({
        message: `Column ${column} of row ${row} cannot be read: ${problem.message}`,
        column,
        row,
        cause: problem.cause,
      })
    }
  }
  return new StatementError({ message: `A row cannot be read: ${thrown.message}`, cause: thrown.cause })
}

const mayGenerate = ((): boolean => {
  try {
    return new Function("return true")() === true
  } catch {
    return false
  }
})()

/**
 * Makes the row factory of a plan. A cell that cannot be read gives a `StatementError` that names column and row.
 */
export const rowFactory = (plan: RowPlan): RowFactory => {
  const plans = cellsOf(plan)
  const make = mayGenerate ? generated(plan, plans) : interpreted(plan)
  return (cells) => {
    if (cells.length % plans.length !== 0) {
      throw new InvalidRequestError({
        message: `The driver gave ${cells.length} cells for rows of ${plans.length} columns`,
      })
    }
    try {
      return make(cells)
    } catch (thrown) {
      throw thrown instanceof ValueProblem ? unreadable(plans, cells, thrown) : thrown
    }
  }
}
