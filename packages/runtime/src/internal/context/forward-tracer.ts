/** The Tracer of Effect code in a worker: hands spans to the loop, where the program's Tracer makes them. */
import * as Context from "effect/Context"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import { carry, carryEntries } from "./carried.ts"
import { carryCause } from "./cause-crossing.ts"
import { type Here, place } from "./place.ts"
import type { LinkRecord, Report, SpanReference } from "./records.ts"
import { nextSpan, type Scope } from "./scope.ts"

interface Identity {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly sampled: boolean
}

/** A span that is the loop's, as the worker's code sees it. Its ids are the worker's, except for the caller's own span. */
export class ForwardSpan implements Tracer.Span {
  readonly _tag = "Span"
  /** The loop knows it by this number. */
  readonly number: number
  readonly name: string
  readonly spanId: string
  readonly traceId: string
  readonly sampled: boolean
  readonly parent: Option.Option<Tracer.AnySpan>
  readonly context: Context.Context<never>
  readonly kind: Tracer.SpanKind
  readonly attributes = new Map<string, unknown>()
  readonly links: Tracer.SpanLink[]
  status: Tracer.SpanStatus
  protected readonly scope: Scope

  constructor(
    scope: Scope,
    number: number,
    { name, traceId, spanId, sampled }: Identity,
    parent: Option.Option<Tracer.AnySpan>,
    context: Context.Context<never>,
    links: ReadonlyArray<Tracer.SpanLink>,
    startTime: bigint,
    kind: Tracer.SpanKind,
  ) {
    this.scope = scope
    this.number = number
    this.name = name
    this.traceId = traceId
    this.spanId = spanId
    this.sampled = sampled
    this.parent = parent
    this.context = context
    this.links = [...links]
    this.status = { _tag: "Started", startTime }
    this.kind = kind
  }

  end(endTime: bigint, exit: Exit.Exit<unknown, unknown>): void {
    this.status = { _tag: "Ended", startTime: this.status.startTime, endTime, exit }
    const cause = Exit.isFailure(exit) ? carryCause(exit.cause) : undefined
    this.#tell({ type: "spanEnd", span: this.number, time: endTime, cause })
  }

  attribute(key: string, value: unknown): void {
    this.attributes.set(key, value)
    this.#tell({ type: "spanAttributes", span: this.number, attributes: [[key, carry(value)]] })
  }

  event(name: string, time: bigint, attributes: Record<string, unknown> = {}): void {
    const carried = carryEntries(Object.entries(attributes))
    this.#tell({ type: "spanEvent", span: this.number, name, time, attributes: carried })
  }

  addLinks(links: ReadonlyArray<Tracer.SpanLink>): void {
    this.links.push(...links)
    this.#tell({ type: "spanLinks", span: this.number, links: links.map(carryLink) })
  }

  #tell(report: Report): void {
    this.scope.outlet.tell(this.scope, report, false)
  }
}

/** A span around the code that runs, which is not its to end: the caller's, or one of plain code. */
export class OuterSpan extends ForwardSpan {
  constructor({ scope, span }: Here) {
    const { traceId, spanId, sampled, name } = scope.sent?.span ?? {}
    const identity = {
      name: span === 0 ? (name ?? "") : "",
      traceId: traceId ?? hex(16),
      spanId: span === 0 ? (spanId ?? hex(8)) : hex(8),
      sampled: sampled ?? true,
    }
    super(scope, span, identity, Option.none(), Context.empty(), [], 0n, "internal")
  }

  override end(): void {}
}

/** The span around code that begins at `at`, if there is one. */
export const outerSpan = (at: Here): Tracer.AnySpan | undefined => {
  const sent = at.scope.sent?.span
  if (at.span !== 0 || sent?.name !== undefined) return new OuterSpan(at)
  return sent && Tracer.externalSpan(sent)
}

/** Makes spans of code that begins at `at`, and keeps plain code that it calls in the same call. */
export const forwardTracer = (at: Here): Tracer.Tracer =>
  Tracer.make({
    span: (name, parent, context, links, startTime, kind) => {
      const { scope } = at
      const above = Option.getOrUndefined(parent)
      const identity = {
        name,
        traceId: above?.traceId ?? hex(16),
        spanId: hex(8),
        sampled: above?.sampled ?? true,
      }
      const span = new ForwardSpan(scope, nextSpan(), identity, parent, context, links, startTime, kind)
      scope.outlet.tell(
        scope,
        {
          type: "spanStart",
          span: span.number,
          name,
          parent: above && reference(above),
          kind,
          links: links.map(carryLink),
          time: startTime,
        },
        false,
      )
      return span
    },
    // Fibers are resumed from where another call's may have been.
    context: (run) => {
      const { storage } = place
      return storage === undefined || storage.getStore()?.scope === at.scope ? run() : storage.run(at, run)
    },
  })

const reference = (span: Tracer.AnySpan): SpanReference =>
  span instanceof ForwardSpan ? span.number : [span.traceId, span.spanId, span.sampled]

const carryLink = ({ span, attributes }: Tracer.SpanLink): LinkRecord => ({
  span: reference(span),
  attributes: carryEntries(Object.entries(attributes)),
})

const hex = (bytes: number): string => {
  let text = ""
  for (const byte of crypto.getRandomValues(new Uint8Array(bytes))) text += byte.toString(16).padStart(2, "0")
  return text
}
