/** A statement of a unit changed more or fewer rows than expected. */
export class RowCountError extends Error {
  override readonly name = "RowCountError"
  readonly code = "OFFLOOP_ROW_COUNT"
  readonly rowCount: number

  constructor(expected: number, actual: number) {
    super(`The statement was expected to change ${expected} rows, but changed ${actual}`)
    this.rowCount = actual
  }
}
