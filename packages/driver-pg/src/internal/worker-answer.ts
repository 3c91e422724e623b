import type { DriverError, DriverNotice, TransactionState } from "@offloop/orm-async/driver"

/** The state of a connection, which travels with each answer. */
export interface ConnectionState {
  readonly transaction: TransactionState
  readonly sessionChanged: boolean
  readonly isOpen: boolean
}

/** The fields of a driver's error, which is made anew of them. */
export type CrossingError = ConstructorParameters<typeof DriverError>[0]

/** The answer to a call in a worker. */
export type WorkerAnswer<A> =
  | readonly [state: ConnectionState, notices: ReadonlyArray<DriverNotice> | undefined, error: undefined, value: A]
  | readonly [state: ConnectionState, notices: ReadonlyArray<DriverNotice> | undefined, error: CrossingError]

/** A result: its columns' names cross once, with a number, and their number alone from then on. */
export type CrossingResult = readonly [
  columns: number,
  names: ReadonlyArray<string> | undefined,
  cells: ReadonlyArray<unknown>,
  rowCount: number,
]

/** A statement: its text crosses once, with a number, and its number alone from then on. */
export type CrossingSql = readonly [number: number, text: string | undefined]

/** The number of texts, and of lists of names, that have a number. */
export const numberedTexts = 512

/** A statement of a unit. */
export interface CrossingCall {
  readonly sql: CrossingSql
  readonly parameters?: ReadonlyArray<unknown>
  readonly parameterSets?: ReadonlyArray<ReadonlyArray<unknown>>
  readonly isWrite: boolean | undefined
  readonly bigints: boolean
  readonly expectedRowCount: number | undefined
}
