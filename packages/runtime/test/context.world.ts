/** What the tests of context have: a program's Logger and Tracer that remember, and a runtime whose threads they share. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as HashMap from "effect/HashMap"
import * as Layer from "effect/Layer"
import * as List from "effect/List"
import * as Logger from "effect/Logger"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import { Backend, OffLoop, Task } from "../src/index.ts"
import type * as fixtures from "./fixtures/context.ts"

export const tasks = Task.fromModule<typeof fixtures>(new URL("./fixtures/context.ts", import.meta.url))

export const runtime = ManagedRuntime.make(
  OffLoop.layer({ maxThreads: 1 }).pipe(Layer.provideMerge(Layer.orDie(Backend.layer))),
)

interface Entry {
  readonly level: string
  readonly message: ReadonlyArray<unknown>
  readonly annotations: Record<string, unknown>
  readonly spans: ReadonlyArray<string>
  readonly cause: string
  readonly time: number
}

/** A Logger of the program's, and what it was told. */
export const remembering = (onEntry: (entry: Entry) => void = () => {}) => {
  const entries: Entry[] = []
  const logger = Logger.make(({ annotations, cause, date, logLevel, message, spans }) => {
    const entry: Entry = {
      level: logLevel._tag,
      message: message as ReadonlyArray<unknown>,
      annotations: Object.fromEntries(HashMap.toEntries(annotations)),
      spans: List.toArray(spans).map(({ label }) => label),
      cause: cause._tag,
      time: date.getTime(),
    }
    entries.push(entry)
    onEntry(entry)
  })
  return {
    entries,
    texts: () => entries.map(({ message }) => message.join(" ")),
    layer: Logger.replace(Logger.defaultLogger, logger),
  }
}

/** A span of the tracer below. */
export class TestSpan implements Tracer.Span {
  readonly _tag = "Span"
  readonly sampled = true
  readonly traceId: string
  readonly spanId: string
  readonly name: string
  readonly parent: Option.Option<Tracer.AnySpan>
  readonly context: Context.Context<never>
  readonly kind: Tracer.SpanKind
  readonly links: Tracer.SpanLink[]
  readonly attributes = new Map<string, unknown>()
  readonly events: Array<readonly [string, Record<string, unknown>]> = []
  status: Tracer.SpanStatus
  ended = 0

  constructor(id: number, ...made: Parameters<Tracer.Tracer["span"]>) {
    const [name, parent, context, links, startTime, kind] = made
    this.name = name
    this.parent = parent
    this.context = context
    this.links = [...links]
    this.kind = kind
    this.traceId = Option.match(parent, { onNone: () => `trace-${id}`, onSome: ({ traceId }) => traceId })
    this.spanId = `span-${id}`
    this.status = { _tag: "Started", startTime }
  }

  get exit(): Exit.Exit<unknown, unknown> | undefined {
    return this.status._tag === "Ended" ? this.status.exit : undefined
  }

  get parentName(): string | undefined {
    const parent = Option.getOrUndefined(this.parent)
    return parent?._tag === "Span" ? parent.name : parent?.spanId
  }

  /** Milliseconds. */
  get duration(): number {
    return this.status._tag === "Ended" ? Number(this.status.endTime - this.status.startTime) / 1e6 : Number.NaN
  }

  end(endTime: bigint, exit: Exit.Exit<unknown, unknown>): void {
    this.ended++
    this.status = { _tag: "Ended", startTime: this.status.startTime, endTime, exit }
  }
  attribute(key: string, value: unknown): void {
    this.attributes.set(key, value)
  }
  event(name: string, _time: bigint, attributes: Record<string, unknown> = {}): void {
    this.events.push([name, attributes])
  }
  addLinks(links: ReadonlyArray<Tracer.SpanLink>): void {
    this.links.push(...links)
  }
}

/** A Tracer of the program's, and its spans by name. */
export const tracing = () => {
  const spans = new Map<string, TestSpan>()
  const tracer = Tracer.make({
    span: (...made) => {
      const span = new TestSpan(spans.size + 1, ...made)
      spans.set(span.name, span)
      return span
    },
    context: (run) => run(),
  })
  return { spans, tracer, span: (name: string): TestSpan => spans.get(name) as TestSpan }
}

export const settle = Effect.repeatN(Effect.yieldNow(), 20)
