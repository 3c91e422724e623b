/** A view brings its own bytes alone, whatever is beside it, and a `Buffer` is bytes like any other. */
import { Buffer } from "node:buffer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { describe, expect, test } from "vitest"
import { Backend, OffLoop } from "../src/index.ts"
import { on, tasks } from "./off-loop.world.ts"

const memory = new ArrayBuffer(1024)
const part = (offset: number, length: number) => new Uint8Array(memory, offset, length).fill(7)
class Point {
  readonly bytes = part(8, 8)
}

const sent = {
  buffer: Buffer.from("0123456789"),
  whole: Buffer.from(new Uint8Array([1, 2, 3]).buffer),
  bytes: part(0, 4),
  numbers: new Float64Array(memory, 16, 2),
  data: new DataView(memory, 32, 4),
  nested: [new Map([["k", part(64, 2)]]), new Set([part(66, 2)])],
}

/** Each class, and how much memory came with it. */
const facts = (view: ArrayBufferView): unknown => [view.constructor.name, view.byteLength, view.buffer.byteLength]

const beside = {
  nothing: undefined,
  map: new Map([[1, 2]]),
  instance: new Point(),
  sparse: Object.assign([], { 3: part(100, 3) }),
} as const

describe.each(["worker", "process"] as const)("to a %s and back", (placement) => {
  test.each(Object.keys(beside) as ReadonlyArray<keyof typeof beside>)("beside %s", (key) =>
    on(Layer.orDie(Backend.layer))(
      Effect.gen(function* () {
        const echo = OffLoop.runSyncWith({ placement })(tasks.identity, [sent, beside[key], sent.bytes] as const)
        const [got, , again] = (yield* echo) as unknown as readonly [typeof sent, unknown, Uint8Array]
        expect(facts(got.buffer)).toEqual(["Uint8Array", 10, 10])
        expect(facts(got.whole)).toEqual(["Uint8Array", 3, 3])
        expect(facts(got.bytes)).toEqual(["Uint8Array", 4, 4])
        expect(facts(got.numbers)).toEqual(["Float64Array", 16, 16])
        expect(facts(got.data)).toEqual(["DataView", 4, 4])
        const [map, set] = got.nested as [Map<string, Uint8Array>, Set<Uint8Array>]
        expect([facts(map.get("k") as Uint8Array), facts([...set][0] as Uint8Array)]).toEqual([
          ["Uint8Array", 2, 2],
          ["Uint8Array", 2, 2],
        ])
        expect([...got.bytes, ...(map.get("k") as Uint8Array)]).toEqual([7, 7, 7, 7, 7, 7])
        // One object in the message is one object on the other side.
        expect(again).toBe(got.bytes)
      }),
    ),
  )

  test("an instance's and a sparse array's own values arrive with it", () =>
    on(Layer.orDie(Backend.layer))(
      Effect.gen(function* () {
        const echo = OffLoop.runSyncWith({ placement })(tasks.identity, [beside.instance, beside.sparse] as const)
        const [instance, sparse] = (yield* echo) as unknown as readonly [Point, ReadonlyArray<Uint8Array>]
        expect(facts(instance.bytes)).toEqual(["Uint8Array", 8, 8])
        expect([sparse.length, Object.keys(sparse), facts(sparse[3] as Uint8Array)]).toEqual([
          4,
          ["3"],
          ["Uint8Array", 3, 3],
        ])
      }),
    ))
})
