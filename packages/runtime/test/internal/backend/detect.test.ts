import { describe, expect, test } from "vitest"
import { UnsupportedRuntimeError } from "../../../src/errors.ts"
import { recognise, type Surroundings, surroundings } from "../../../src/internal/backend/detect.ts"

const node24: Surroundings = { bun: undefined, deno: undefined, node: "24.1.0", sharedMemory: true, waitAsync: true }

const refused = (seen: Partial<Surroundings>): UnsupportedRuntimeError => {
  const recognised = recognise({ ...node24, ...seen })
  if (!(recognised instanceof UnsupportedRuntimeError)) throw new Error(`recognised ${recognised}`)
  return recognised
}

describe("recognise", () => {
  test("tells the runtimes apart, though Bun and Deno also claim to be Node", () => {
    expect(recognise(node24)).toBe("node")
    expect(recognise({ ...node24, bun: "1.4.5" })).toBe("bun")
    expect(recognise({ ...node24, deno: "2.9.6" })).toBe("deno")
  })

  test("refuses Node below 22 and says what to install", () => {
    const error = refused({ node: "20.19.0" })
    expect(error._tag).toBe("UnsupportedRuntimeError")
    expect(error.message).toBe(
      "Node 20.19.0 cannot run Offloop's threads: version 22 or later is needed. Install node 22 or later.",
    )
    expect(refused({ deno: "1.46.0" }).message).toContain("Deno 1.46.0")
    expect(refused({ bun: "0.8.1" }).message).toContain("Bun 0.8.1")
  })

  test("refuses an environment without shared memory, and names the way to do without threads", () => {
    expect(refused({ sharedMemory: false }).message).toContain("no SharedArrayBuffer")
    expect(refused({ waitAsync: false }).message).toContain("no Atomics.waitAsync")
    expect(refused({ sharedMemory: false }).remedy).toContain("InlineBackend.layer")
    expect(refused({ node: undefined }).message).toContain("neither Node, Bun nor Deno")
  })

  test("recognises the runtime that this test runs on", () => {
    expect(recognise(surroundings())).toBe("Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node")
  })
})
