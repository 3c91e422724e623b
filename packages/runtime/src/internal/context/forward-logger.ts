/** The Logger of Effect code in a worker: hands what is logged to the loop. */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import * as HashMap from "effect/HashMap"
import * as List from "effect/List"
import * as Logger from "effect/Logger"
import * as LogSpan from "effect/LogSpan"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import { carry, carryEntries } from "./carried.ts"
import { carryCause } from "./cause-crossing.ts"
import { ForwardSpan } from "./forward-tracer.ts"
import type { Here } from "./place.ts"

/** What the code begins with: as long as it has the same, nothing of it is sent back. */
export interface Beginning {
  readonly annotations: HashMap.HashMap<string, unknown>
  readonly logSpans: List.List<LogSpan.LogSpan>
}

/** What code that begins at `at` begins with. */
export const beginningOf = (at: Here): Beginning => ({
  annotations: HashMap.fromIterable(at.annotations ?? at.scope.callerAnnotations),
  logSpans: List.fromIterable(
    (at.logSpans ?? at.scope.sent?.logSpans ?? []).map(([label, startTime]) => LogSpan.make(label, startTime)),
  ),
})

export const forwardLogger = (at: Here, beginning: Beginning): Logger.Logger<unknown, void> => {
  const { scope } = at
  return Logger.make(({ logLevel, message, cause, annotations, spans, date, context }) => {
    const known = scope.open && at.annotations === undefined && annotations === beginning.annotations
    const timed = scope.open && at.logSpans === undefined && spans === beginning.logSpans
    scope.outlet.tell(
      scope,
      {
        type: "log",
        level: logLevel._tag,
        message: (Array.isArray(message) ? message : [message]).map(carry),
        cause: Cause.isEmptyType(cause) ? undefined : carryCause(cause),
        annotations: known ? undefined : carryEntries(annotations),
        spans: timed ? undefined : List.toArray(spans).map(({ label, startTime }) => [label, startTime] as const),
        time: date.getTime(),
        span: spanNumber(context),
      },
      true,
    )
  })
}

const spanNumber = (refs: FiberRefs.FiberRefs): number => {
  const context = FiberRefs.getOrDefault(refs, FiberRef.currentContext) as Context.Context<Tracer.ParentSpan>
  const span = Option.getOrUndefined(Context.getOption(context, Tracer.ParentSpan))
  return span instanceof ForwardSpan ? span.number : 0
}
