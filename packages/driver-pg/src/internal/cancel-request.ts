import { openSocket } from "./open-socket.ts"
import type { PgConfig } from "./pg-config.ts"

/** The key that the server gave when the connection was opened, for just this purpose. */
export interface CancelKey {
  readonly pid: number
  readonly secret: number
}

const cancelRequestCode = 80_877_102

const message = ({ pid, secret }: CancelKey): Uint8Array => {
  const bytes = new DataView(new ArrayBuffer(16))
  bytes.setInt32(0, 16)
  bytes.setInt32(4, cancelRequestCode)
  bytes.setInt32(8, pid)
  bytes.setInt32(12, secret)
  return new Uint8Array(bytes.buffer)
}

/**
 * Asks the server, over a connection of its own, to stop what another connection runs. The server closes that connection
 * when it has passed the request on: a statement sent after this has resolved cannot be hit by it.
 */
export const requestCancel = async (config: PgConfig, key: CancelKey): Promise<void> => {
  const { cancelTimeout } = config
  const signal = cancelTimeout === 0 ? new AbortController().signal : AbortSignal.timeout(cancelTimeout)
  const socket = await openSocket(config, signal)
  try {
    await new Promise<void>((resolve) => {
      socket.on("close", () => resolve())
      // The server may close with a reset; it has the request then as well.
      socket.on("error", () => resolve())
      signal.addEventListener("abort", () => resolve())
      socket.resume()
      socket.write(message(key))
    })
  } finally {
    socket.destroy()
  }
}
