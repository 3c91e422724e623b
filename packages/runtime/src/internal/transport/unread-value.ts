/** A message that has arrived and whose value cannot be read: it costs the call that it belongs to, and nothing else. */

/** How such a value is called in an `UnsendableError`. */
export const unreadValue = "value that the other side cannot read"

/** A message is missing altogether: nothing that comes after it can be trusted. */
export class LostMessageError extends Error {
  override readonly name = "LostMessageError"
}
