import { expect, it } from "vitest"
import { failureState, nativeDriverError } from "../../src/internal/driver-failure.ts"

it("keeps what the connection told with an error readable, and out of what is printed of it", () => {
  const state = { completedPrelude: 1, inTransaction: true, sessionChanged: false, failedCall: undefined }
  const cause = Object.assign(new Error("UNIQUE constraint failed: t.a"), { code: "SQLITE_CONSTRAINT_UNIQUE" }, state)
  const error = nativeDriverError(cause, { path: ":memory:" })
  expect(error).toMatchObject({ kind: "IntegrityError", completedPrelude: 1, cause })
  expect(Object.keys(cause)).toEqual(["code"])
  expect(failureState(cause)).toMatchObject({ inTransaction: true, sessionChanged: false })
})
