import { describe, expect, it } from "vitest"
import { dropInternalFrames, ownFrames } from "../../src/errors/frames.ts"
import { DriverError, fromDriverError } from "../../src/index.ts"

const stack = [
  "Error: mail of ann@example.org",
  "    at prepare (/app/node_modules/better-sqlite3/lib/database.js:5:21)",
  "    at execute (file:///app/node_modules/.pnpm/@offloop+orm-async@1.0.0/node_modules/@offloop/orm-async/dist/promise.js:1:2)",
  "    at async main (file:///app/src/main.ts:7:3)",
  "    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)",
].join("\n")

describe("the frames of a stack", () => {
  it("are the program's own without those of the library, its drivers and the runtime", () => {
    expect(ownFrames(stack)).toEqual(["    at async main (file:///app/src/main.ts:7:3)"])
    expect(ownFrames(undefined)).toEqual([])
  })

  it("stay below the whole message", () => {
    const error = Object.assign(new RangeError("two\nlines"), { stack })
    dropInternalFrames(error)
    expect(error.stack).toBe("RangeError: two\nlines\n    at async main (file:///app/src/main.ts:7:3)")
    expect(Object.keys(error)).toEqual([])
  })

  it("are not those of the driver in the cause of a database error, which is printed with it", () => {
    const cause = Object.assign(new Error("native"), { stack })
    const fields = { kind: "OperationalError", message: "gone", code: undefined, constraint: undefined } as const
    const driverError = new DriverError({
      ...fields,
      isDisconnect: false,
      isRetryable: false,
      completedPrelude: 0,
      cause,
    })
    const error = fromDriverError(driverError)
    expect(cause.stack).toBe("Error: native\n    at async main (file:///app/src/main.ts:7:3)")
    // An uncaught error is printed with all that is enumerable.
    expect(Object.keys(error)).not.toEqual(expect.arrayContaining(["code"]))
    expect(Object.entries(error).filter(([, value]) => value === undefined)).toEqual([])
  })
})
