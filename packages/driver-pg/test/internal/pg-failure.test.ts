import { describe, expect, it } from "vitest"
import { classifyFailure } from "../../src/internal/pg-failure.ts"

const context = { host: "db", port: 5432, user: "ann", database: "app", connectTimeout: 30_000 }
const classify = (fields: Record<string, unknown>) =>
  classifyFailure(Object.assign(new Error("words"), fields), context)

describe("classifyFailure", () => {
  it.each([
    ["23505", "IntegrityError"],
    ["23514", "IntegrityError"],
    ["22P02", "DataError"],
    ["42601", "ProgrammingError"],
    ["42P01", "ProgrammingError"],
    ["0A000", "NotSupportedError"],
    ["25P02", "InternalError"],
    ["XX000", "InternalError"],
    ["53100", "OperationalError"],
    ["57014", "OperationalError"],
    ["3D000", "OperationalError"],
    ["28P01", "OperationalError"],
    ["08P01", "ProgrammingError"],
    ["ECONNREFUSED", "OperationalError"],
    ["CONNECTION_CLOSED", "OperationalError"],
    ["MAX_PARAMETERS_EXCEEDED", "ProgrammingError"],
    ["SOMETHING_ELSE", "InterfaceError"],
    [undefined, "InterfaceError"],
  ])("calls %s an %s", (code, kind) => {
    expect(classify({ code }).kind).toBe(kind)
  })

  it("knows which transactions may succeed when they are tried again", () => {
    for (const code of ["40001", "40P01", "55P03"]) expect(classify({ code }).isRetryable).toBe(true)
    for (const code of ["23505", "57014", "ECONNRESET"]) expect(classify({ code }).isRetryable).toBe(false)
    const stale = classifyFailure(
      Object.assign(new Error("words"), { code: "0A000", routine: "RevalidateCachedQuery" }),
      context,
    )
    expect(stale).toMatchObject({ kind: "OperationalError", isRetryable: true })
  })

  it("knows which errors end a connection", () => {
    const ends = ["57P01", "57P02", "57P03", "57P05", "08006", "08003", "25P03", "53300", "ECONNRESET", "EPIPE"]
    for (const code of [...ends, "CONNECTION_CLOSED", "CONNECTION_DESTROYED", "CONNECT_TIMEOUT", "RESET_TIMEOUT"]) {
      expect(classify({ code }).isDisconnect, code).toBe(true)
    }
    for (const code of ["23505", "40001", "25P02", "57014", "08P01", "3D000", "EXCEL", undefined]) {
      expect(classify({ code }).isDisconnect, String(code)).toBe(code === "EXCEL")
    }
  })

  it.each([
    ["ECONNREFUSED", "no server listens at db:5432"],
    ["ENOTFOUND", 'the host "db" is not known'],
    ["CONNECT_TIMEOUT", "?connect_timeout="],
    ["28P01", 'check the password of "ann"'],
    ["28000", "?sslmode=require"],
    ["3D000", 'create the database "app"'],
    ["TLS_UNAVAILABLE", "?sslmode=disable"],
    ["TLS_FAILED", "?sslrootcert="],
    ["40001", "run the transaction again"],
  ])("says what to do about %s", (code, words) => {
    expect(classify({ code }).message).toContain(words)
  })

  it("tells the constraint, or the column that must not be NULL", () => {
    expect(classify({ code: "23505", constraint_name: "uq" }).constraint).toBe("uq")
    expect(classify({ code: "23502", table_name: "t", column_name: "a" }).constraint).toBe("t.a")
    expect(classify({ code: "42601" }).constraint).toBeUndefined()
  })

  it("adds where and how, but not the detail, which holds values", () => {
    const { message } = classify({
      code: "42703",
      position: "8",
      hint: "Perhaps you meant b.",
      detail: "Key (email)=(ann@example.org) already exists.",
    })
    expect(message).toContain("words (at character 8)")
    expect(message).toContain("hint: Perhaps you meant b.")
    expect(message).not.toContain("ann@example.org")
  })

  it("takes whatever was thrown", () => {
    for (const cause of ["text", null, undefined, 7]) {
      expect(classifyFailure(cause, context)).toMatchObject({ kind: "InterfaceError", message: String(cause) })
    }
  })
})
