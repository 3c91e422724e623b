import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { describe, expect, test } from "vitest"
import { Backend, InlineBackend, Resident } from "../src/index.ts"
import { run, tasks } from "./resident.cases.ts"
import { streamCases } from "./stream.cases.ts"

const threads = Layer.orDie(Backend.layer)

streamCases("in a thread", threads, "blocking")
streamCases("in a thread", threads, "async")
streamCases("inline", InlineBackend.layer, "blocking")
streamCases("inline", InlineBackend.layer, "async")

describe("streams of a resident in a thread", () => {
  test("fail when the worker crashes", () =>
    run(threads)(
      Effect.gen(function* () {
        const log = new Int32Array(new SharedArrayBuffer(8))
        const source = yield* Resident.make(tasks.makeSource, log)
        const stream = source.stream("numbers", Number.MAX_SAFE_INTEGER)
        const error = yield* Effect.flip(Stream.runForEach(stream, () => source.call("exit")))
        expect(error).toMatchObject({ _tag: "WorkerCrashedError", exitCode: 3 })
      }),
    ))
})

// What must not compile. Never run: the type checker reads it.
export const typeTests = Effect.gen(function* () {
  const source = yield* Resident.make(tasks.makeSource, new Int32Array(new SharedArrayBuffer(8)))
  source.stream("numbers", 1) satisfies Stream.Stream<number, unknown>
  source.stream("later", 1) satisfies Stream.Stream<number, unknown>
  source.stream("promised", 1) satisfies Stream.Stream<number, unknown>
  source.stream("same", 1) satisfies Stream.Stream<{ n: number }, unknown>
  source.stream("number") satisfies Stream.Stream<never, unknown>
  // @ts-expect-error: a wrong argument
  source.stream("numbers", "1")
})
