import Table from "cli-table3"

const cell = (value: unknown): string => {
  if (value === null || value === undefined) return "NULL"
  if (value instanceof Date) return value.toISOString()
  return String(value)
}

const isNumber = (value: unknown): boolean =>
  typeof value !== "boolean" && value !== "" && Number.isFinite(Number(value))

/** Draws rows with a line for each and a column for each key of the first. Numbers stand to the right. */
export const drawTable = (rows: ReadonlyArray<object>): string => {
  const first = rows[0]
  if (first === undefined) return "(no rows)"
  const columns = Object.entries(first)
  const table = new Table({
    head: columns.map(([name]) => name),
    colAligns: columns.map(([, value]) => (value !== null && isNumber(value) ? "right" : "left")),
    style: { head: [], border: [], compact: true },
  })
  for (const row of rows) table.push(Object.values(row).map(cell))
  return table.toString()
}
