import { describe, expect, test } from "vitest"
import { DriverError, type DriverErrorKind, fromDriverError } from "../../src/index.ts"

const cause = new Error("native")
const driverError = (kind: DriverErrorKind = "IntegrityError") =>
  new DriverError({
    kind,
    message: "UNIQUE constraint failed: users.email",
    code: "SQLITE_CONSTRAINT_UNIQUE",
    constraint: "uq_users_email",
    isDisconnect: false,
    isRetryable: true,
    completedPrelude: 0,
    cause,
  })
const statement = "INSERT INTO users (email, n) VALUES (?, ?)"

describe("an error of the database", () => {
  test.each<DriverErrorKind>([
    "DataError",
    "IntegrityError",
    "InterfaceError",
    "InternalError",
    "NotSupportedError",
    "OperationalError",
    "ProgrammingError",
  ])("%s keeps its class and what the driver knows", (kind) => {
    const report = driverError(kind)
    const error = fromDriverError(report)
    expect(error._tag).toBe(kind)
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      message: report.message,
      code: "SQLITE_CONSTRAINT_UNIQUE",
      constraint: "uq_users_email",
      isRetryable: true,
      isDisconnect: false,
      driverError: report,
      cause,
    })
  })

  test("says what was wrong, then the SQL, then the parameters", () => {
    const error = fromDriverError(driverError(), {
      statement,
      parameters: { kind: "one", values: ["a@x", 5, 7n, null, new Date(0), new Uint8Array([1, 255])] },
    })
    expect(error.message).toBe(
      `UNIQUE constraint failed: users.email\n[SQL: ${statement}]\n[parameters: ["a@x", 5, 7n, null, 1970-01-01T00:00:00.000Z, x'01ff']]`,
    )
  })

  test("hides the parameters where it is told to, in the message and in itself", () => {
    const error = fromDriverError(driverError(), {
      statement,
      parameters: { kind: "one", values: ["secret"] },
      hideParameters: true,
    })
    expect(error.message).toContain("[parameters hidden]")
    expect(error.parameters).toBeUndefined()
    expect(JSON.stringify(error)).not.toContain("secret")
  })

  test("cuts long values and long lists and says how much is missing", () => {
    const long = fromDriverError(driverError(), {
      statement,
      parameters: { kind: "one", values: ["x".repeat(1000), new Uint8Array(50)] },
    })
    expect(long.message).toContain("(700 characters truncated)")
    expect(long.message).toContain("(50 bytes)")
    const sets = Array.from({ length: 1000 }, (_, i) => [i])
    const many = fromDriverError(driverError(), { statement, parameters: { kind: "many", sets } })
    expect(many.message).toContain("[7] ... displaying 10 of 1000 parameter sets ... [998], [999]]")
    const wide = fromDriverError(driverError(), {
      statement,
      parameters: { kind: "one", values: Array.from({ length: 150 }, () => 0) },
    })
    expect(wide.message).toContain("50 more of 150 parameters")
  })
})
