import { readFile } from "node:fs/promises"
import { connect, isIP, type Socket } from "node:net"
import { type ConnectionOptions, checkServerIdentity, connect as connectTls } from "node:tls"
import { isSocketFolder, type PgConfig, socketPath } from "./pg-config.ts"

/** Opening failed for a reason that only the code tells apart. */
const failure = (code: string, message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code })

const sslRequest = Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47)

/** Waits for one event; a socket that fails, ends or takes too long before it fails the wait and is destroyed. */
const waitFor = <A>(socket: Socket, event: string, signal: AbortSignal, take: (value: unknown) => A): Promise<A> =>
  new Promise((resolve, reject) => {
    const stop = (): void => {
      socket.off(event, onEvent).off("error", onError).off("close", onClose)
      signal.removeEventListener("abort", onAbort)
    }
    const fail = (error: unknown): void => {
      stop()
      // A socket that is being destroyed may still emit an error, which nobody waits for any more.
      socket.on("error", () => {})
      socket.destroy()
      reject(error)
    }
    const onEvent = (value: unknown): void => {
      stop()
      resolve(take(value))
    }
    const onError = (error: unknown): void => fail(error)
    const onClose = (): void => fail(failure("ECONNRESET", "the server closed the connection before it was ready"))
    const onAbort = (): void => fail(failure("CONNECT_TIMEOUT", "the server did not answer in time"))
    socket.on(event, onEvent).on("error", onError).on("close", onClose)
    if (signal.aborted) onAbort()
    else signal.addEventListener("abort", onAbort)
  })

const tlsOptions = async ({ host, ssl }: PgConfig, socket: Socket): Promise<ConnectionOptions> => {
  const [ca, cert, key] = await Promise.all(
    [ssl.rootCertificate, ssl.certificate, ssl.key].map((file) => (file === undefined ? undefined : readFile(file))),
  )
  return {
    socket,
    ...(isIP(host) === 0 && { servername: host }),
    // As in libpq: `prefer` and `require` encrypt but trust anybody, unless a root certificate is given.
    rejectUnauthorized: ssl.mode.startsWith("verify") || ca !== undefined,
    // `verify-ca` trusts whoever the authority has signed, whatever the name. The name is given here because the library
    // would take "localhost" where the host is an address.
    checkServerIdentity: (_, certificate) =>
      ssl.mode === "verify-full" ? checkServerIdentity(host, certificate) : undefined,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  }
}

const secure = async (config: PgConfig, socket: Socket, signal: AbortSignal): Promise<Socket> => {
  const answered = waitFor(socket, "data", signal, String)
  socket.write(sslRequest)
  const answer = await answered
  if (answer === "N") {
    if (config.ssl.mode === "prefer") return socket
    socket.destroy()
    throw failure("TLS_UNAVAILABLE", "the server does not offer TLS")
  }
  // More than one letter would be plain text that somebody put before the encrypted (CVE-2021-23222).
  if (answer !== "S") {
    socket.destroy()
    throw failure("PROTOCOL_VIOLATION", "what answered is not a PostgreSQL server")
  }
  try {
    const secured = connectTls(await tlsOptions(config, socket))
    await waitFor(secured, "secureConnect", signal, () => undefined)
    return secured
  } catch (cause) {
    socket.destroy()
    if (cause instanceof Error && "code" in cause && cause.code === "CONNECT_TIMEOUT") throw cause
    throw failure("TLS_FAILED", `TLS could not be set up: ${cause instanceof Error ? cause.message : cause}`, cause)
  }
}

/**
 * Connects to the server, with TLS as configured, and gives the socket when PostgreSQL's own protocol may begin.
 *
 * The driver does this instead of postgres.js so that it holds the socket: to destroy it at once, to let an idle one not
 * keep the program alive, and to see to it that a lost connection is never replaced by another in silence.
 */
export const openSocket = async (config: PgConfig, signal: AbortSignal): Promise<Socket> => {
  const socket = isSocketFolder(config.host)
    ? connect(socketPath(config))
    : connect({ host: config.host, port: config.port, noDelay: true })
  await waitFor(socket, "connect", signal, () => undefined)
  return config.ssl.mode === "disable" ? socket : await secure(config, socket, signal)
}
