import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { expect, test } from "vitest"
import { Backend, Resident } from "../src/index.ts"
import { run, tasks } from "./resident.cases.ts"

/** Node has had it since version 24. */
const Float16 = Reflect.get(globalThis, "Float16Array") as unknown as typeof Float32Array | undefined
const key = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, true, ["sign", "verify"])

const buffer = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer

/** The types of the structured clone algorithm that every JavaScript runtime has, and what is compared of each. */
const table: Readonly<Record<string, readonly [value: unknown, facts: (value: never) => unknown]>> = {
  "Boolean object": [Object(true), (value: object) => value.valueOf()],
  "Number object": [Object(1.5), (value: object) => value.valueOf()],
  "String object": [Object("text"), (value: object) => value.valueOf()],
  "BigInt object": [Object(2n ** 70n), (value: object) => value.valueOf()],
  Date: [new Date(5), (value: Date) => value.getTime()],
  RegExp: [/a+/giu, (value: RegExp) => [value.source, value.flags]],
  ArrayBuffer: [buffer, (value: ArrayBuffer) => [...new Uint8Array(value)]],
  "resizable ArrayBuffer": [
    new ArrayBuffer(2, { maxByteLength: 8 }),
    (value: ArrayBuffer) => [value.byteLength, value.resizable, value.maxByteLength],
  ],
  SharedArrayBuffer: [new SharedArrayBuffer(8), (value: SharedArrayBuffer) => value.byteLength],
  DataView: [new DataView(buffer, 2, 4), (value: DataView) => [value.getUint8(0), value.byteLength]],
  ...Object.fromEntries(
    [
      Int8Array,
      Uint8Array,
      Uint8ClampedArray,
      Int16Array,
      Uint16Array,
      Int32Array,
      Uint32Array,
      Float32Array,
      Float64Array,
      BigInt64Array,
      BigUint64Array,
      ...(Float16 === undefined ? [] : [Float16]),
    ].map((View) => [
      View.name,
      [new View(buffer.slice(0)), (value: Uint8Array) => [value.constructor.name, Array.from(value)]],
    ]),
  ),
  Map: [new Map<unknown, unknown>([[{ a: 1 }, new Set([1n])]]), (value: unknown) => value],
  Set: [new Set([[1], "x"]), (value: unknown) => value],
  "sparse array": [Object.assign([], { 3: 1, length: 5 }), (value: unknown[]) => [value.length, Object.keys(value)]],
  "class instance": [
    new (class Point {
      x = 1
    })(),
    (value: object) => ({ ...value }),
  ],
  Blob: [new Blob(["text"], { type: "text/plain" }), async (value: Blob) => [value.type, await value.text()]],
  // Deno's own messages take a key to a thread, and bring an empty object back.
  ...("Deno" in globalThis
    ? {}
    : {
        CryptoKey: [
          key,
          async (value: CryptoKey) => [
            value.algorithm,
            [...value.usages].sort(),
            new Uint8Array(await crypto.subtle.exportKey("raw", value)),
          ],
        ],
      }),
  DOMException: [
    new DOMException("message", "AbortError"),
    (value: DOMException) => [value.name, value.message, value.code, value instanceof DOMException],
  ],
  ...Object.fromEntries(
    [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((Class) => [
      Class.name,
      [new Class("message"), (value: Error) => [value.name, value.message, value instanceof Class]],
    ]),
  ),
}

test("every type of the structured clone table goes to a worker and back", () =>
  run(Layer.orDie(Backend.layer))(
    Effect.gen(function* () {
      const subject = yield* Resident.make(tasks.makeSubject, { start: 0 })
      const different: string[] = []
      for (const [type, [value, facts]] of Object.entries(table)) {
        const received = yield* Effect.either(subject.call("echo", value as never))
        const same =
          received._tag === "Right" &&
          (yield* Effect.promise(async () => {
            try {
              expect(await facts(received.right as never)).toStrictEqual(await facts(value as never))
              return true
            } catch {
              return false
            }
          }))
        if (!same) different.push(type)
      }
      expect(different).toEqual([])
      // Whatever became of each, the way is still open.
      expect(yield* subject.call("add", 1)).toBe(1)
    }),
  ))
