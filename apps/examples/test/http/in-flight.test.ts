import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import { describe, expect, it } from "vitest"
import { InFlight } from "../../src/http/in-flight.ts"

const run = <A, E>(test: Effect.Effect<A, E, InFlight | HttpServerRequest.HttpServerRequest>) =>
  Effect.runPromise(
    test.pipe(
      Effect.provide(InFlight.layer),
      Effect.provideService(
        HttpServerRequest.HttpServerRequest,
        HttpServerRequest.fromWeb(new Request("http://localhost/")),
      ),
      Effect.provide(TestContext.TestContext),
    ),
  )

const answer = Effect.succeed(HttpServerResponse.text("done"))

describe("draining", () => {
  it("ends at once where nothing runs", () =>
    run(
      Effect.gen(function* () {
        const { drain, middleware } = yield* InFlight
        yield* middleware(answer)
        yield* drain
      }),
    ))

  it("waits for a request that runs, and refuses new ones with 503 meanwhile", () =>
    run(
      Effect.gen(function* () {
        const { drain, middleware } = yield* InFlight
        const mayAnswer = yield* Deferred.make<void>()
        const request = yield* Effect.fork(middleware(Effect.zipRight(Deferred.await(mayAnswer), answer)))
        yield* Effect.yieldNow()
        const draining = yield* Effect.fork(drain)
        yield* Effect.yieldNow()
        expect((yield* middleware(answer)).status).toBe(503)
        expect(yield* Fiber.poll(draining)).toMatchObject({ _tag: "None" })
        yield* Deferred.succeed(mayAnswer, undefined)
        expect((yield* Fiber.join(request)).status).toBe(200)
        yield* Fiber.join(draining)
      }),
    ))

  it("waits no longer for a request whose client has gone", () =>
    run(
      Effect.gen(function* () {
        const { drain, middleware } = yield* InFlight
        const request = yield* Effect.fork(middleware(Effect.never))
        yield* Effect.yieldNow()
        const draining = yield* Effect.fork(drain)
        yield* Fiber.interrupt(request)
        yield* Fiber.join(draining)
      }),
    ))

  it("gives up after ten seconds, in a finalizer too", () =>
    run(
      Effect.gen(function* () {
        const { drain, middleware } = yield* InFlight
        yield* Effect.fork(middleware(Effect.never))
        yield* Effect.yieldNow()
        const closing = yield* Effect.fork(Effect.scoped(Effect.addFinalizer(() => drain)))
        yield* TestClock.adjust("9 seconds")
        expect(yield* Fiber.poll(closing)).toMatchObject({ _tag: "None" })
        yield* TestClock.adjust("1 second")
        yield* Fiber.join(closing)
      }),
    ))
})
