import type * as Clock from "effect/Clock"
import { Clock as ClockTag } from "effect/Clock"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as FiberRefs from "effect/FiberRefs"
import * as Runtime from "effect/Runtime"
import { soon, systemTimer, type Timer } from "../operation/timer.ts"

// The clock that a program has when none was installed.
const liveClock = Context.get(DefaultServices.liveServices, ClockTag)

const clockOf = (runtime: Runtime.Runtime<never>): Clock.Clock =>
  Context.get(FiberRefs.getOrDefault(runtime.fiberRefs, DefaultServices.currentServices), ClockTag)

/** The timer that goes by the clock of a runtime, so that tests can set it. */
export const timerOf = (runtime: Runtime.Runtime<never>): Timer => {
  const clock = clockOf(runtime)
  if (clock === liveClock) return systemTimer
  const fork = Runtime.runFork(runtime)
  return {
    now: () => clock.unsafeCurrentTimeMillis(),
    later: (run, milliseconds) => {
      const fiber = fork(Effect.delay(Effect.sync(run), Duration.millis(milliseconds)))
      return () => fiber.unsafeInterruptAsFork(FiberId.none)
    },
    soon,
  }
}
