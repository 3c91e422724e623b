/** The fiber that makes a call: what it sends along, and by whose means its code's logs, spans and metrics come out. */
import * as Context from "effect/Context"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import * as HashMap from "effect/HashMap"
import * as List from "effect/List"
import * as Tracer from "effect/Tracer"
import { carryEntries, rendered } from "./carried.ts"
import { crossings } from "./crossing.ts"
import { Desk } from "./desk.ts"
import { type Home, nobody } from "./home.ts"
import { defaultMinimum } from "./level.ts"
import type { Caller, Sent } from "./sent.ts"
import type { TelemetrySink } from "./telemetry-sink.ts"

type Running = Fiber.RuntimeFiber<unknown, unknown>

export class FiberCaller implements Caller, Home {
  readonly sent: Sent | undefined
  refused: Caller["refused"]
  readonly #fiber: Running
  #refs: FiberRefs.FiberRefs | undefined

  constructor(fiber: Running) {
    this.#fiber = fiber
    this.sent = this.#read(fiber)
  }

  get fiberId(): FiberId.FiberId {
    return this.#fiber.id()
  }

  /** The fiber's refs as they were at the call: it waits for the answer, or they were kept. */
  get refs(): FiberRefs.FiberRefs {
    this.#refs ??= this.#fiber.getFiberRefs()
    return this.#refs
  }

  keep(): void {
    void this.refs
  }

  openSink(): TelemetrySink {
    return new Desk()
  }

  // For every call, so it looks only at what there is to look at, and makes nothing as long as everything is as by default.
  #read(fiber: Running): Sent | undefined {
    const annotations = fiber.getFiberRef(FiberRef.currentLogAnnotations)
    const minimum = fiber.getFiberRef(FiberRef.currentMinimumLogLevel)._tag
    const logSpans = fiber.getFiberRef(FiberRef.currentLogSpan)
    const tags = fiber.getFiberRef(FiberRef.currentMetricLabels)
    const traced = fiber.getFiberRef(FiberRef.currentTracerEnabled)
    const span = fiber.currentSpan && propagated(fiber.currentSpan)
    const refs = crossings.size === 0 ? undefined : this.#crossing(fiber)
    if (
      span === undefined &&
      refs === undefined &&
      minimum === defaultMinimum &&
      traced &&
      tags.length === 0 &&
      HashMap.isEmpty(annotations) &&
      List.isNil(logSpans)
    ) {
      return undefined
    }
    return {
      ...(HashMap.isEmpty(annotations)
        ? {}
        : { annotations: carryEntries(annotations).map(([name, value]) => [name, rendered(value)] as const) }),
      ...(minimum === defaultMinimum ? {} : { minimumLevel: minimum }),
      ...(List.isNil(logSpans)
        ? {}
        : { logSpans: List.toArray(logSpans).map(({ label, startTime }) => [label, startTime] as const) }),
      ...(span === undefined ? {} : { span: sentSpan(span) }),
      ...(traced ? {} : { untraced: true }),
      ...(tags.length === 0 ? {} : { metricTags: tags.map(({ key, value }) => [key, value] as const) }),
      ...(refs === undefined ? {} : { refs }),
    }
  }

  #crossing(fiber: Running): Sent["refs"] {
    let found: Array<readonly [string, unknown]> | undefined
    for (const [key, { ref, initial, encode }] of crossings) {
      const value = fiber.getFiberRef(ref)
      if (value === initial) continue
      found ??= []
      try {
        found.push([key, encode(value)])
      } catch (thrown) {
        this.refused = { key, thrown }
      }
    }
    return found
  }
}

const sentSpan = (span: Tracer.AnySpan) => ({
  traceId: span.traceId,
  spanId: span.spanId,
  sampled: span.sampled,
  name: span._tag === "Span" ? span.name : undefined,
})

/** As Effect does: a span that nobody is to know of stands for the one around it. */
const propagated = (span: Tracer.AnySpan): Tracer.AnySpan | undefined => {
  let current: Tracer.AnySpan | undefined = span
  while (current?._tag === "Span" && Context.get(current.context, Tracer.DisablePropagation)) {
    current = current.parent._tag === "Some" ? current.parent.value : undefined
  }
  return current
}

/** The fiber that runs now, as a caller. */
export const currentCaller = (): FiberCaller | undefined => {
  const fiber = Fiber.getCurrentFiber()
  return fiber._tag === "Some" ? new FiberCaller(fiber.value) : undefined
}

/** The fiber that opens an object, for what its code says outside of calls: without the span, which ends. */
export const currentHome = (): Home => {
  const caller = currentCaller()
  if (caller === undefined) return nobody
  const context = Context.omit(Tracer.ParentSpan)(
    FiberRefs.getOrDefault(caller.refs, FiberRef.currentContext) as Context.Context<Tracer.ParentSpan>,
  )
  const fiberId = FiberId.none
  return {
    refs: FiberRefs.updateAs(caller.refs, { fiberId, fiberRef: FiberRef.currentContext, value: context }),
    fiberId: caller.fiberId,
  }
}
