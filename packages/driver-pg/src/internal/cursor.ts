/** A cursor on the server, or the rows of a statement that cannot have one. */
export type Cursor =
  | {
      readonly _tag: "Declared"
      readonly name: string
      readonly bigints: boolean
      /** It outlives its transaction, and so must be closed by name. */
      readonly held: boolean
    }
  | { readonly _tag: "Buffered"; readonly cells: ReadonlyArray<unknown>; readonly width: number; position: number }

const declarable = /^\s*(?:select|with|values|table|\()/i

/** A cursor can be declared for a query only: not for a change with RETURNING, nor for SHOW or EXPLAIN. */
export const isDeclarable = (sql: string, isWrite: boolean): boolean => !isWrite && declarable.test(sql)

/** The next rows of a buffered result. */
export const takeBuffered = (cursor: Cursor & { readonly _tag: "Buffered" }, size: number): Array<unknown> => {
  const end = cursor.position + size * cursor.width
  const cells = cursor.cells.slice(cursor.position, end)
  cursor.position = end
  return cells
}
