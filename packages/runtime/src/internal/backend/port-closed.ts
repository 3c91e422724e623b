/** When the other end of a port is gone. */
import type { MessagePort } from "node:worker_threads"

/** Is told, once, that the other end of a port is closed or that its thread is gone. Keeps no program alive. */
export const onPortClosed = (port: MessagePort, listener: () => void): void => {
  port.once("close", listener)
  // A port that nobody reads does not notice.
  port.on("message", () => {})
  port.unref()
}
