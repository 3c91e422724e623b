/** Gives what code in a worker has to say to the program: to the loggers, tracer and metrics of who called it. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import * as HashMap from "effect/HashMap"
import * as Inspectable from "effect/Inspectable"
import * as List from "effect/List"
import * as LogLevel from "effect/LogLevel"
import * as LogSpan from "effect/LogSpan"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import { arrived, type CarriedEntries } from "./carried.ts"
import { arrivedCause } from "./cause-crossing.ts"
import { type Home, homeOf, nobody } from "./home.ts"
import { applyMetric } from "./metric-registry.ts"
import type { LinkRecord, LogRecord, Report, SpanReference, SpanStart } from "./records.ts"
import type { Caller } from "./sent.ts"
import type { TelemetrySink } from "./telemetry-sink.ts"
import { warnOfTelemetry } from "./telemetry-warning.ts"

export class Desk implements TelemetrySink {
  readonly #home: Home
  /** Spans of the worker's code that have not ended, by its numbers. */
  readonly #spans = new Map<number, Tracer.Span>()

  /** `home` is asked where no caller is known. */
  constructor(home: Home = nobody) {
    this.#home = home
  }

  /**
   * Takes one record of code that runs for `caller`. What a logger or tracer of the program throws is a warning of the
   * process: it is neither the task's error nor its caller's.
   */
  take(caller: Caller | undefined, report: Report): void {
    try {
      this.#take(homeOf(caller) ?? this.#home, report)
    } catch (thrown) {
      warnOfTelemetry(report, thrown)
    }
  }

  /** Nothing more will be told: what had begun ends with the reason. */
  end(reason: unknown): void {
    const time = BigInt(Date.now()) * 1_000_000n
    for (const span of this.#spans.values()) {
      try {
        span.end(time, Exit.die(reason))
      } catch (thrown) {
        warnOfTelemetry({ type: "spanEnd" }, thrown)
      }
    }
    this.#spans.clear()
  }

  #take(home: Home, report: Report): void {
    switch (report.type) {
      case "log":
        this.#log(home, report)
        return
      case "spanStart":
        this.#start(home, report)
        return
      case "spanAttributes":
        for (const [key, value] of report.attributes) this.#span(home, report.span)?.attribute(key, arrived(value))
        return
      case "spanEvent":
        this.#span(home, report.span)?.event(report.name, report.time, toRecord(report.attributes))
        return
      case "spanLinks":
        this.#span(home, report.span)?.addLinks(this.#links(home, report.links))
        return
      case "spanEnd": {
        const span = this.#spans.get(report.span)
        this.#spans.delete(report.span)
        span?.end(report.time, report.cause === undefined ? Exit.void : Exit.failCause(arrivedCause(report.cause)))
        return
      }
      case "metric":
        applyMetric(report)
        return
      case "hello":
    }
  }

  #log(home: Home, record: LogRecord): void {
    const { refs, fiberId } = home
    const logLevel = LogLevel.fromLiteral(record.level)
    if (LogLevel.lessThan(logLevel, FiberRefs.getOrDefault(refs, FiberRef.currentMinimumLogLevel))) return
    const entry = {
      fiberId,
      logLevel,
      message: record.message.map(arrived),
      cause: record.cause === undefined ? Cause.empty : arrivedCause(record.cause),
      context: at(refs, record.time, this.#spans.get(record.span)),
      spans:
        record.spans === undefined
          ? FiberRefs.getOrDefault(refs, FiberRef.currentLogSpan)
          : List.fromIterable(record.spans.map(([label, startTime]) => LogSpan.make(label, startTime))),
      annotations: this.#annotations(home, record),
      date: new Date(record.time),
    }
    Inspectable.withRedactableContext(entry.context, () => {
      for (const logger of FiberRefs.getOrDefault(refs, FiberRef.currentLoggers)) {
        try {
          logger.log(entry)
        } catch (thrown) {
          warnOfTelemetry(record, thrown)
        }
      }
    })
  }

  #annotations(home: Home, { annotations }: LogRecord): HashMap.HashMap<string, unknown> {
    const known = FiberRefs.getOrDefault(home.refs, FiberRef.currentLogAnnotations)
    if (annotations === undefined) return known
    const told = HashMap.fromIterable(annotations.map(([key, value]) => [key, arrived(value)] as const))
    // Code that runs for no caller does not know what this fiber annotates.
    return home === this.#home ? HashMap.union(known, told) : told
  }

  #start(home: Home, { span: number, name, parent, kind, links, time }: SpanStart): void {
    const { refs } = home
    const tracer = Context.get(FiberRefs.getOrDefault(refs, DefaultServices.currentServices), Tracer.Tracer)
    const above = Option.fromNullable(parent === undefined ? undefined : this.#anySpan(home, parent))
    const own = [...FiberRefs.getOrDefault(refs, FiberRef.currentTracerSpanLinks), ...this.#links(home, links)]
    const span = tracer.span(name, above, Context.empty(), own, time, kind)
    this.#spans.set(number, span)
    HashMap.forEach(FiberRefs.getOrDefault(refs, FiberRef.currentTracerSpanAnnotations), (value, key) =>
      span.attribute(key, value),
    )
  }

  /** A span that can be written to: of the worker's code, or the caller's own. */
  #span(home: Home, number: number): Tracer.Span | undefined {
    if (number !== 0) return this.#spans.get(number)
    const span = callerSpan(home)
    return span?._tag === "Span" ? span : undefined
  }

  #anySpan(home: Home, reference: SpanReference): Tracer.AnySpan | undefined {
    if (typeof reference !== "number") {
      const [traceId, spanId, sampled] = reference
      return Tracer.externalSpan({ traceId, spanId, sampled })
    }
    return reference === 0 ? callerSpan(home) : (this.#spans.get(reference) ?? callerSpan(home))
  }

  #links(home: Home, links: ReadonlyArray<LinkRecord>): ReadonlyArray<Tracer.SpanLink> {
    const found: Tracer.SpanLink[] = []
    for (const { span: reference, attributes } of links) {
      const span = this.#anySpan(home, reference)
      if (span !== undefined) found.push({ _tag: "SpanLink", span, attributes: toRecord(attributes) })
    }
    return found
  }
}

const callerSpan = ({ refs }: Home): Tracer.AnySpan | undefined =>
  Option.getOrUndefined(Context.getOption(contextOf(refs), Tracer.ParentSpan))

const contextOf = (refs: FiberRefs.FiberRefs): Context.Context<Tracer.ParentSpan> =>
  FiberRefs.getOrDefault(refs, FiberRef.currentContext) as Context.Context<Tracer.ParentSpan>

/** The refs as a logger is to see them: in the span, and at the time, in which the entry was made. */
const at = (refs: FiberRefs.FiberRefs, time: number, span: Tracer.Span | undefined): FiberRefs.FiberRefs => {
  const fiberId = FiberId.none
  const services = FiberRefs.getOrDefault(refs, DefaultServices.currentServices)
  const clock = Context.get(services, Clock.Clock)
  const then: Clock.Clock = {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => time,
    unsafeCurrentTimeNanos: () => BigInt(Math.round(time * 1e6)),
    currentTimeMillis: clock.currentTimeMillis,
    currentTimeNanos: clock.currentTimeNanos,
    sleep: (duration) => clock.sleep(duration),
  }
  const timed = FiberRefs.updateAs(refs, {
    fiberId,
    fiberRef: DefaultServices.currentServices,
    value: Context.add(services, Clock.Clock, then),
  })
  if (span === undefined) return timed
  const value = Context.add(contextOf(refs), Tracer.ParentSpan, span) as Context.Context<never>
  return FiberRefs.updateAs(timed, { fiberId, fiberRef: FiberRef.currentContext, value })
}

const toRecord = (entries: CarriedEntries): Record<string, unknown> =>
  Object.fromEntries(entries.map(([key, value]) => [key, arrived(value)]))
