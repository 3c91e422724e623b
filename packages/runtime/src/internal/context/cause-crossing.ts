/** Effect's causes to plain data and back. */
import * as Cause from "effect/Cause"
import * as FiberId from "effect/FiberId"
import { portray, rebuild } from "../transport/portrait.ts"
import type { CarriedCause } from "./cause.ts"

/** Describes a cause. Its errors' own chains are cut where portraits cut them. */
export const carryCause = (cause: Cause.Cause<unknown>): CarriedCause =>
  Cause.match(cause, {
    onEmpty: { type: "empty" } as CarriedCause,
    onFail: (error) => ({ type: "fail", error: portray(error) }),
    onDie: (defect) => ({ type: "die", defect: portray(defect) }),
    onInterrupt: () => ({ type: "interrupt" }),
    onSequential: (left, right) => ({ type: "sequential", left, right }),
    onParallel: (left, right) => ({ type: "parallel", left, right }),
  })

/** Builds it again. Who interrupted a fiber of the worker means nothing here. */
export const arrivedCause = (carried: CarriedCause): Cause.Cause<unknown> => {
  switch (carried.type) {
    case "empty":
      return Cause.empty
    case "fail":
      return Cause.fail(rebuild(carried.error))
    case "die":
      return Cause.die(rebuild(carried.defect))
    case "interrupt":
      return Cause.interrupt(FiberId.none)
    case "sequential":
      return Cause.sequential(arrivedCause(carried.left), arrivedCause(carried.right))
    case "parallel":
      return Cause.parallel(arrivedCause(carried.left), arrivedCause(carried.right))
  }
}
