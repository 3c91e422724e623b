import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { inspect } from "node:util"
import { describe, expect, it } from "vitest"
import { DriverError, fromDriverError } from "../../src/index.ts"

const program = fileURLToPath(new URL("print-errors.ts", import.meta.url))
const printed = execFileSync(process.execPath, "Deno" in globalThis ? ["run", "-A", program] : [program], {
  encoding: "utf8",
})
const [alone = "", nested = "", driverError = ""] = printed.split("---\n")

describe("a database error on the console", () => {
  it("is a few lines: message, SQL and parameters, where, code, and one line of the cause", () => {
    const lines = alone.trimEnd().split("\n")
    expect(lines.length).toBeLessThan(12)
    expect(lines[0]).toBe("IntegrityError: UNIQUE constraint failed: users.email")
    expect(lines[1]).toMatch(/^\[SQL: INSERT INTO users .* \(\d+ characters truncated\) .*\]$/)
    expect(lines[1]?.length).toBeLessThan(1100)
    expect(lines[2]).toBe('[parameters: ["ann@example.org"]]')
    expect(alone).toContain("print-errors.ts:")
    expect(lines.slice(-2)).toEqual([
      "  code: SQLITE_CONSTRAINT_UNIQUE",
      "  cause: NativeError: UNIQUE constraint failed: users.email",
    ])
  })

  it("is as short inside of other values", () => {
    expect(nested.split("\n").length).toBeLessThan(18)
    expect(nested).toContain("code: SQLITE_CONSTRAINT_UNIQUE")
    expect(nested).not.toContain("socket")
  })

  it("is as short as its driver's report", () => {
    expect(driverError.split("\n").length).toBeLessThan(12)
    expect(driverError).toContain("DriverError: UNIQUE constraint failed: users.email")
    expect(driverError).toContain("  kind: IntegrityError\n  code: SQLITE_CONSTRAINT_UNIQUE\n  cause: NativeError")
  })
})

describe("a printed error", () => {
  const report = (cause: unknown, constraint: string | undefined) =>
    new DriverError({
      kind: "OperationalError",
      message: "gone",
      code: undefined,
      constraint,
      isDisconnect: true,
      isRetryable: false,
      completedPrelude: 0,
      cause,
    })

  it("names the constraint, and leaves out what there is not", () => {
    const text = inspect(fromDriverError(report(undefined, "uq_users_email")))
    expect(text.split("\n")[0]).toBe("OperationalError: gone")
    expect(text).toMatch(/\n {2}constraint: uq_users_email$/)
    expect(text).not.toMatch(/code:|cause:/)
  })

  it("tells no more of a cause that is no error than what it is", () => {
    expect(inspect(fromDriverError(report({ secret: 1 }, undefined)))).toMatch(/\n {2}cause: object$/)
  })

  it("keeps the native error out of what is enumerated", () => {
    const error = fromDriverError(report(new Error("native"), undefined))
    expect(Object.keys(error)).not.toContain("driverError")
    expect(error.driverError.message).toBe("gone")
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ _tag: "OperationalError", message: "gone" })
  })
})
