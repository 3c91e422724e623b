import * as Effect from "effect/Effect"
import { describe, expect, test } from "vitest"
import { Backend, BunBackend, DenoBackend, InlineBackend, NodeBackend } from "../src/index.ts"

const here = "Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node"

describe("Backend", () => {
  test("the layer picks the backend of the runtime that runs the program", async () => {
    const backend = await Effect.runPromise(Effect.provide(Backend.Backend, Backend.layer))
    expect(backend.name).toBe(here)
    expect(backend.inline).toBe(false)
    expect(backend.parallelism).toBeGreaterThanOrEqual(1)
    expect(Backend.detect()).toBe(backend)
    expect(await Effect.runPromise(Backend.detectEffect)).toBe(backend)
  })

  test("each backend can be named outright", async () => {
    for (const { layer, backend } of [NodeBackend, BunBackend, DenoBackend, InlineBackend]) {
      expect(await Effect.runPromise(Effect.provide(Backend.Backend, layer))).toBe(backend)
    }
    expect([NodeBackend, BunBackend, DenoBackend, InlineBackend].map(({ backend }) => backend.name)).toEqual([
      "node",
      "bun",
      "deno",
      "inline",
    ])
  })

  test("its clock never goes back", () => {
    const { now } = Backend.detect()
    let last = now()
    for (let n = 0; n < 1000; n++) {
      const next = now()
      expect(next).toBeGreaterThanOrEqual(last)
      last = next
    }
  })
})
