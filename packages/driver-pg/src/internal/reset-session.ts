import type { StatementSender } from "./statement-sender.ts"

/** Does what DISCARD ALL does, but for the statements that the driver has prepared. The names are of those that SQL has. */
const undoAll = [
  "CLOSE ALL",
  "SET SESSION AUTHORIZATION DEFAULT",
  "RESET ROLE",
  "RESET ALL",
  "UNLISTEN *",
  "SELECT pg_catalog.pg_advisory_unlock_all()",
  "DISCARD TEMP",
  "DISCARD SEQUENCES",
  "SELECT name FROM pg_catalog.pg_prepared_statements WHERE from_sql",
].join(";")

/**
 * Brings a session back to the state after connecting, in one round trip; in two if the program has prepared statements by
 * SQL. Settings that the session was opened with still hold.
 *
 * @param done is told the error, if there was one
 */
export const resetSession = (sender: StatementSender, done: (error: unknown) => void): void => {
  let failed: unknown
  if (sender.inTransaction) {
    sender.sendCommand("ROLLBACK", ({ error }) => {
      failed = error
    })
  }
  sender.sendText(undoAll, ({ error, cells }) => {
    // The first cell is that of the unlocking.
    const prepared = cells.slice(1)
    if (failed !== undefined || error !== undefined || prepared.length === 0) return done(failed ?? error)
    const names = prepared.map((name) => `"${String(name).replaceAll('"', '""')}"`)
    sender.sendText(names.map((name) => `DEALLOCATE ${name}`).join(";"), (request) => done(request.error))
  })
}
