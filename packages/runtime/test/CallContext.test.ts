import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberRef from "effect/FiberRef"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import { afterAll, describe, expect, test } from "vitest"
import { Backend, CrossingRef, InlineBackend, OffLoop, Resident } from "../src/index.ts"
import { remembering, runtime, settle, tasks, tracing } from "./context.world.ts"
import { settings, tenant } from "./fixtures/context.ts"
import { gate } from "./off-loop.world.ts"

afterAll(() => runtime.dispose())

describe.each(["worker", "inline"] as const)("context, %s", (placement) => {
  const run = OffLoop.runSyncWith({ placement })

  test("log annotations, log level and crossing refs flow in, as anyio copies context variables", () =>
    runtime.runPromise(
      Effect.gen(function* () {
        const seen = yield* run(tasks.seen).pipe(
          Effect.annotateLogs({ user: "ann", tags: new Set([1]), done: () => 1 }),
          Logger.withMinimumLogLevel(LogLevel.Debug),
          Effect.locally(tenant, { name: "acme" }),
          Effect.locally(settings, new Map([["answer", () => 42]])),
        )
        expect(seen).toEqual({
          annotations: expect.arrayContaining([
            ["user", "ann"],
            ["tags", new Set([1])],
            ["done", expect.stringContaining("[Function")],
          ]),
          effectAnnotations: expect.arrayContaining([["user", "ann"]]),
          minimum: "Debug",
          raw: { name: "acme" },
          tenant: { name: "acme" },
          setting: 42,
        })
        const unset = { annotations: [], effectAnnotations: [], minimum: "Info", raw: undefined, tenant: "nobody" }
        expect(yield* run(tasks.seen)).toEqual({ ...unset, setting: undefined })
      }),
    ))

  test("logs come out through the caller's Logger, in order, before the answer, and with what it annotates", () => {
    const { entries, layer, texts } = remembering()
    return runtime.runPromise(
      Effect.gen(function* () {
        const began = Date.now()
        yield* run(tasks.say, "hello").pipe(
          Effect.tap((text) => Effect.log("answered", text)),
          Effect.annotateLogs({ user: "ann" }),
          Effect.withLogSpan("request"),
        )
        expect(texts()).toEqual(["hello [object Object]", "with more", "answered hello"])
        expect(entries[0]).toMatchObject({
          level: "Info",
          message: ["hello", { part: 1 }],
          annotations: { user: "ann" },
          spans: ["request"],
          cause: "Empty",
        })
        expect(entries[1]).toMatchObject({
          level: "Warning",
          annotations: { user: "ann", own: "yes" },
          spans: ["inner", "request"],
        })
        expect(entries[0]?.time).toBeGreaterThanOrEqual(began)
        expect(entries[0]?.time).toBeLessThanOrEqual(Date.now())
      }).pipe(Effect.provide(layer)),
    )
  })

  test("what is below the caller's minimum level is not logged, what reaches it is", () => {
    const { layer, texts } = remembering()
    return runtime.runPromise(
      Effect.gen(function* () {
        yield* run(tasks.say, "low").pipe(Logger.withMinimumLogLevel(LogLevel.Debug))
        expect(texts()[0]).toBe("not heard")
        yield* run(tasks.say, "high").pipe(Logger.withMinimumLogLevel(LogLevel.Error))
        expect(texts()).toHaveLength(3)
      }).pipe(Effect.provide(layer)),
    )
  })

  test("spans are the program's Tracer's, under the caller's span, with real times, attributes, events and failures", () => {
    const { span, spans, tracer } = tracing()
    return runtime.runPromise(
      Effect.gen(function* () {
        expect(yield* run(tasks.trace).pipe(Effect.withSpan("caller"), Effect.annotateSpans("all", 1))).toBe(42)
        expect(span("outer").parentName).toBe("caller")
        expect(span("outer").traceId).toBe(span("caller").traceId)
        expect(span("outer").kind).toBe("client")
        expect(Object.fromEntries(span("outer").attributes)).toEqual({ all: 1, size: 2, later: "set" })
        expect(span("outer").events.map(([name]) => name)).toEqual(["begun", "in the span"])
        expect(span("outer").events[0]?.[1]).toEqual({ early: true })
        expect(span("outer").exit).toEqual(Exit.void)
        expect(span("outer").duration).toBeGreaterThanOrEqual(span("inner").duration)
        expect(span("inner").parentName).toBe("outer")
        const failed = span("inner").exit
        const cause = failed && Exit.isFailure(failed) ? Cause.squash(failed.cause) : undefined
        expect(cause).toMatchObject({ name: "Error", message: "inner failed" })
        expect([...spans.values()].map(({ ended }) => ended)).toEqual([1, 1, 1])

        spans.clear()
        yield* run(tasks.trace)
        expect(Option.isNone(span("outer").parent)).toBe(true)

        spans.clear()
        yield* run(tasks.trace).pipe(Effect.withParentSpan(Tracer.externalSpan({ traceId: "t", spanId: "far" })))
        expect(span("outer").parentName).toBe("far")
      }).pipe(Effect.withTracer(tracer)),
    )
  })

  test("the caller's span can be added to, and where tracing is off nothing is traced", () => {
    const { span, spans, tracer } = tracing()
    return runtime.runPromise(
      Effect.gen(function* () {
        yield* run(tasks.markCaller).pipe(Effect.withSpan("caller"))
        expect(span("caller").attributes.get("seen")).toBe("by the worker")
        expect(span("caller").ended).toBe(1)
        spans.clear()
        yield* Effect.all([run(tasks.trace), run(tasks.traceInEffect)]).pipe(Effect.withTracerEnabled(false))
        expect(spans.size).toBe(0)
      }).pipe(Effect.withTracer(tracer)),
    )
  })

  test("code written in Effect logs and traces as a part of the call", () => {
    const { entries, layer, texts } = remembering()
    const { span, tracer } = tracing()
    return runtime.runPromise(
      Effect.gen(function* () {
        const answer = run(tasks.traceInEffect).pipe(Effect.annotateLogs("user", "ann"), Effect.withSpan("caller"))
        expect(yield* answer).toBe(7)
        expect(span("plain").parentName).toBe("caller")
        expect(span("plain").attributes.get("around")).toBe("plain")
        expect(span("nested").parentName).toBe("plain")
        expect(span("nested").events.map(([name]) => name)).toEqual([expect.stringContaining("with a cause")])
        const failing = span("failing").exit
        expect(failing && Exit.isFailure(failing) && Cause.failureOption(failing.cause)).toEqual(Option.some("broken"))
        expect(texts()[0]).toBe("in effect")
        expect(entries[0]).toMatchObject({ annotations: { user: "ann", own: 1 }, spans: ["step"] })
        expect(entries[1]).toMatchObject({
          level: "Error",
          message: ["with a cause", { name: "Error", message: "reason" }],
          annotations: { user: "ann" },
        })
        expect(entries).toHaveLength(2)
      }).pipe(Effect.provide(layer), Effect.withTracer(tracer)),
    )
  })

  test("metrics are added to the program's of the same name, description, tags and buckets", () =>
    runtime.runPromise(
      Effect.gen(function* () {
        const place = (name: string) => `${name}_${placement}`
        const own = Metric.counter(place("context_plain"), { description: "plain" }).pipe(
          Metric.tagged("from", "worker"),
          Metric.tagged("called", "here"),
        )
        yield* Metric.incrementBy(own, 1)
        yield* run(tasks.count, 10, place("")).pipe(Effect.tagMetrics("called", "here"))
        yield* run(tasks.count, 10, place("")).pipe(Effect.tagMetrics("called", "here"))
        expect((yield* Metric.value(own)).count).toBe(41)
        expect(
          (yield* Metric.value(Metric.gauge(place("context_gauge")).pipe(Metric.tagged("called", "here")))).value,
        ).toBe(8)
        const words = yield* Metric.value(
          Metric.frequency(place("context_words")).pipe(Metric.tagged("called", "here")),
        )
        expect(Object.fromEntries(words.occurrences)).toEqual({ a: 4, b: 2 })
        // Made after the worker's: two objects of the same buckets are one metric all the same.
        const sizes = Metric.histogram(place("context_sizes"), MetricBoundaries.fromIterable([10, 100])).pipe(
          Metric.tagged("called", "here"),
        )
        yield* Metric.update(sizes, 7)
        const { count, max, min } = yield* Metric.value(sizes)
        expect({ count, max, min }).toEqual({ count: 7, max: 500, min: 5 })
        const times = Metric.summary({
          name: place("context_times"),
          maxAge: "1 minute",
          maxSize: 10,
          error: 0.01,
          quantiles: [0.5],
        }).pipe(Metric.tagged("called", "here"))
        expect((yield* Metric.value(times)).count).toBe(2)
        const inEffect = Metric.counter(place("context_effect"), { incremental: true }).pipe(
          Metric.tagged("called", "here"),
        )
        expect((yield* Metric.value(inEffect)).count).toBe(4)
      }),
    ))

  test("nothing that the code changes flows back", () => {
    const { entries, layer } = remembering()
    return runtime.runPromise(
      Effect.gen(function* () {
        yield* run(tasks.change)
        expect(entries.map(({ annotations }) => annotations)).toEqual([{ changed: true }])
        expect(yield* FiberRef.get(tenant)).toBe("nobody")
        expect(yield* FiberRef.get(FiberRef.currentLogAnnotations)).toEqual(yield* Effect.logAnnotations)
        expect(yield* run(tasks.seen)).toMatchObject({ tenant: "nobody", annotations: [] })
        yield* Effect.log("mine")
        expect(entries[1]).toMatchObject({ message: ["mine"], annotations: {} })
      }).pipe(Effect.provide(layer)),
    )
  })

  test("calls that overlap in one thread each keep their own", () => {
    const { entries, layer } = remembering()
    const names = ["a", "b", "c"]
    const start = OffLoop.runWith({ placement })
    return runtime.runPromise(
      Effect.gen(function* () {
        const calls = names.map((name) =>
          start(tasks.meet, name).pipe(Effect.annotateLogs("call", name), Effect.locally(tenant, name)),
        )
        const fiber = yield* Effect.fork(Effect.all(calls, { concurrency: "unbounded" }))
        for (const name of ["b", "c", "a"]) yield* Effect.repeat(start(tasks.open, name), { until: (open) => open })
        expect(yield* Fiber.join(fiber)).toEqual(names)
        expect(entries).toHaveLength(4 * names.length)
        for (const { annotations, message } of entries) expect(annotations).toEqual({ call: message[1] })
      }).pipe(Effect.provide(layer)),
    )
  })

  test("a stream's iterator has the context of who runs the stream", () => {
    const { entries, layer, texts } = remembering()
    return runtime.runPromise(
      Effect.gen(function* () {
        yield* OffLoop.streamWith({ placement, bufferSize: 1 })(tasks.items, 5).pipe(
          Stream.take(2),
          Stream.runDrain,
          Effect.annotateLogs("reader", "ann"),
        )
        expect(texts().slice(0, 2)).toEqual(["item 0", "item 1"])
        expect(texts().at(-1)).toBe("closing")
        for (const { annotations } of entries) expect(annotations).toEqual({ reader: "ann" })
      }).pipe(Effect.provide(layer)),
    )
  })

  test("a crossing ref whose value cannot be sent fails the call and is named", () =>
    runtime.runPromise(
      Effect.gen(function* () {
        const error = yield* Effect.flip(run(tasks.seen).pipe(Effect.locally(tenant, { on: [() => 1] })))
        expect(error).toMatchObject({ _tag: "UnsendableError", path: 'CrossingRef("test/tenant").on[0]' })
        const refused = new Map([["forbidden", () => 1]])
        expect(yield* Effect.flip(run(tasks.seen).pipe(Effect.locally(settings, refused)))).toMatchObject({
          _tag: "UnsendableError",
          path: 'CrossingRef("test/settings")',
          cause: { message: "not to be sent" },
        })
        expect(yield* run(tasks.say, "still there")).toBe("still there")
      }).pipe(Effect.provide(remembering().layer)),
    ))

  test("a Logger that throws is a warning of the process, and the call and the other loggers go on", async () => {
    const { layer, texts } = remembering()
    const broken = Logger.make<unknown, void>(() => {
      throw new Error("cannot log")
    })
    const warned = new Promise<Error>((resolve) => process.once("warning", resolve))
    const answer = await runtime.runPromise(
      run(tasks.say, "hello").pipe(Effect.provide(Logger.add(broken)), Effect.provide(layer)),
    )
    expect(answer).toBe("hello")
    expect(texts()).toHaveLength(2)
    expect(await warned).toMatchObject({ name: "OffloopWarning", message: expect.stringContaining("cannot log") })
  })
})

describe.each([
  ["worker", Layer.orDie(Backend.layer)],
  ["inline", InlineBackend.layer],
] as const)("context of a resident, %s", (_, backend) => {
  test("calls have that of their callers, and what is said outside of calls comes out as its opener's", () => {
    const { words } = gate()
    let heard: () => void = () => {}
    const late = new Promise<void>((resolve) => {
      heard = resolve
    })
    const { entries, layer, texts } = remembering(({ message }) => message[0] === "after the answer" && heard())
    return Effect.gen(function* () {
      yield* Effect.gen(function* () {
        const talker = yield* Resident.make(tasks.makeTalker, "talker", { mode: "async" })
        yield* talker.call("say", "hello").pipe(Effect.annotateLogs("call", 1))
        yield* talker.stream("items", 1).pipe(Stream.runDrain, Effect.annotateLogs("stream", 1))
        const seen = yield* talker.call("seen").pipe(Effect.annotateLogs("call", 2), Effect.locally(tenant, "acme"))
        expect(seen).toMatchObject({ tenant: "acme" })
        yield* talker.call("later", words).pipe(Effect.annotateLogs("call", 3))
        Atomics.store(words, 0, 1)
        yield* Effect.promise(() => late)
        // Without a caller that is known there is nobody else to ask.
        const [, ok] = yield* Effect.async<readonly [number, boolean]>((resume) => {
          talker.unsafeCall("say", ["unsafe"], ({ ok }) => resume(Effect.succeed([0, ok])))
        })
        expect(ok).toBe(true)
      }).pipe(Effect.scoped, Effect.annotateLogs("opener", "me"))
      expect(entries.map(({ annotations }, index) => [texts()[index], annotations])).toEqual([
        ["made talker", { opener: "me" }],
        ["hello [object Object]", { opener: "me", call: 1 }],
        ["with more", { opener: "me", call: 1, own: "yes" }],
        ["item 0", { opener: "me", stream: 1 }],
        ["closing", { opener: "me", stream: 1 }],
        ["after the answer", { opener: "me", call: 3, late: true }],
        ["unsafe [object Object]", { opener: "me" }],
        ["with more", { opener: "me", own: "yes" }],
        ["closed", { opener: "me" }],
      ])
    }).pipe(Effect.provide(layer), Effect.provide(backend), Effect.runPromise)
  })
})

describe("CrossingRef", () => {
  test("there is one ref for a key, and none can take another's", () => {
    expect(CrossingRef.make("test/tenant", "somebody")).toBe(tenant)
    expect(CrossingRef.fromRef("test/tenant", tenant)).toBe(tenant)
    const other = FiberRef.unsafeMake("other")
    expect(() => CrossingRef.fromRef("test/tenant", other)).toThrow(/"test\/tenant" already/)
  })
})

describe("context in a thread", () => {
  test("a span that was open when its thread died ends with the crash", () => {
    const { span, tracer } = tracing()
    return Effect.gen(function* () {
      const talker = yield* Resident.make(tasks.makeTalker, "talker")
      expect(yield* Effect.flip(talker.call("die"))).toMatchObject({ _tag: "WorkerCrashedError" })
      const { exit } = span("dying")
      const cause = exit && Exit.isFailure(exit) ? Cause.squash(exit.cause) : undefined
      expect(cause).toMatchObject({ _tag: "WorkerCrashedError" })
    }).pipe(
      Effect.scoped,
      Effect.withTracer(tracer),
      Effect.provide(remembering().layer),
      Effect.provide(Backend.layer),
      Effect.runPromise,
    )
  })

  test("what cannot cross in a log message comes as text, errors as errors", () => {
    const { entries, layer } = remembering()
    return runtime.runPromise(
      Effect.gen(function* () {
        yield* OffLoop.runSync(tasks.sayOddly)
        expect(entries[0]?.message).toEqual([
          "odd",
          expect.stringContaining("[Function: handler]"),
          "Symbol(s)",
          expect.objectContaining({ name: "RangeError", message: "out of range" }),
          "as json",
        ])
      }).pipe(Effect.provide(layer)),
    )
  })

  test("a task that blocks is heard while it runs", () => {
    const { release, words } = gate()
    let heard: (text: unknown) => void = () => {}
    const first = new Promise<unknown>((resolve) => {
      heard = resolve
    })
    const { layer, texts } = remembering(({ message }) => heard(message[0]))
    return runtime.runPromise(
      Effect.gen(function* () {
        const fiber = yield* Effect.fork(OffLoop.runSync(tasks.sayAndHold, words))
        expect(yield* Effect.promise(() => first)).toBe("working")
        expect(Option.isNone(yield* Fiber.poll(fiber))).toBe(true)
        yield* release
        yield* Fiber.join(fiber)
        expect(texts()).toEqual(["working", "done"])
        expect((yield* Metric.value(Metric.counter("context_working"))).count).toBe(1)
      }).pipe(Effect.provide(layer)),
    )
  })

  test("a task that was left behind still logs as its caller did", () => {
    const { release, words } = gate()
    let heard: () => void = () => {}
    const waitFor = (text: string) =>
      Effect.promise(
        () =>
          new Promise<void>((resolve) => {
            heard = () => {
              if (texts().includes(text)) resolve()
            }
            heard()
          }),
      )
    const { entries, layer, texts } = remembering(() => heard())
    return runtime.runPromise(
      Effect.gen(function* () {
        const fiber = yield* OffLoop.runSyncWith({ abandonOnCancel: true })(tasks.sayAndHold, words).pipe(
          Effect.annotateLogs("left", true),
          Effect.fork,
        )
        yield* waitFor("working")
        yield* Fiber.interrupt(fiber)
        yield* release
        yield* waitFor("done")
        expect(entries.map(({ annotations }) => annotations)).toEqual([{ left: true }, { left: true }])
        yield* settle
      }).pipe(Effect.provide(layer)),
    )
  })
})
