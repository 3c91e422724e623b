import { globalValue } from "effect/GlobalValue"

/**
 * The postgres.js clients that are open on this thread, by their connection's number.
 *
 * A client cannot cross threads, so the loop finds one here exactly when it lives on the loop's thread.
 */
const open = globalValue("@offloop/driver-pg/openClients", () => new Map<number, unknown>())

export const rememberClient = (connection: number, client: unknown): void => {
  open.set(connection, client)
}

export const forgetClient = (connection: number): void => {
  open.delete(connection)
}

export const clientOnThisThread = (connection: number): unknown => open.get(connection)
