/** Sends what was thrown, whatever it is. */
import { inText, portray } from "./portrait.ts"
import type { Outgoing } from "./wire.ts"

/** What of it cannot cross is told in text. */
export const sendThrown = (outbox: Pick<Outgoing, "send">, kind: number, id: number, thrown: unknown): void => {
  const portrait = portray(thrown)
  try {
    outbox.send(kind, id, 0, portrait)
  } catch {
    outbox.send(kind, id, 0, inText(portrait))
  }
}
