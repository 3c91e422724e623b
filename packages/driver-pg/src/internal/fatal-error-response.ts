/**
 * The reason a server gives for ending a connection, in an ErrorResponse right before.
 *
 * postgres.js keeps that message for the query that is running, and drops both when the connection closes.
 *
 * @param message the last ErrorResponse that arrived
 * @see https://www.postgresql.org/docs/current/protocol-error-fields.html
 */
export const readFatalError = (message: Uint8Array): Error | undefined => {
  const fields = new Map(
    new TextDecoder()
      .decode(message.subarray(5))
      .split("\0")
      .map((field) => [field.slice(0, 1), field.slice(1)]),
  )
  const code = fields.get("C")
  const severity = fields.get("V")
  if (code === undefined || (severity !== "FATAL" && severity !== "PANIC")) return undefined
  return Object.assign(new Error(fields.get("M") ?? "the server ended the connection"), { code, severity })
}
