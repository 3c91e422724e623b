const errorResponse = "E".charCodeAt(0)

/**
 * Why a server ends a connection, which it says in an ErrorResponse right before.
 *
 * postgres.js keeps that message for the query that is running, and then drops both when the connection closes.
 *
 * @param chunk the last bytes that arrived
 * @see https://www.postgresql.org/docs/current/protocol-error-fields.html
 */
export const readFarewell = (chunk: Uint8Array): Error | undefined => {
  if (chunk[0] !== errorResponse) return undefined
  const fields = new Map(
    new TextDecoder()
      .decode(chunk.subarray(5))
      .split("\0")
      .map((field) => [field.slice(0, 1), field.slice(1)]),
  )
  const code = fields.get("C")
  const severity = fields.get("V")
  if (code === undefined || (severity !== "FATAL" && severity !== "PANIC")) return undefined
  return Object.assign(new Error(fields.get("M") ?? "the server ended the connection"), { code, severity })
}
