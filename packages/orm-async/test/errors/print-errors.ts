import { DriverError, fromDriverError } from "../../src/errors/index.ts"

/** An error as database libraries throw them: it holds on to the connection. */
class NativeError extends Error {
  override readonly name = "NativeError"
  readonly connection = { socket: { state: "open", buffers: Array.from({ length: 50 }, (_, i) => ({ i })) } }
}

const driverError = new DriverError({
  kind: "IntegrityError",
  message: "UNIQUE constraint failed: users.email",
  code: "SQLITE_CONSTRAINT_UNIQUE",
  constraint: undefined,
  isDisconnect: false,
  isRetryable: false,
  completedPrelude: 0,
  cause: new NativeError("UNIQUE constraint failed: users.email\nnative details"),
})
const error = fromDriverError(driverError, {
  statement: `INSERT INTO users (email) VALUES ${Array.from({ length: 2000 }, () => "(?)").join(", ")}`,
  parameters: { kind: "one", values: ["ann@example.org"] },
})

console.log(error)
console.log("---")
console.log({ failed: [error] })
console.log("---")
console.log(driverError)
