/** The transaction that a call begins takes SQLite's lock for writing at once, as the dialect's texts ask. */
export const beginsWriting = (prelude: ReadonlyArray<string>): boolean =>
  prelude[0] === "BEGIN IMMEDIATE" || prelude[0] === "BEGIN EXCLUSIVE"
