/** Measures the tasks of a thread, for its pool. */
import { Gauge, type GaugeInput } from "../pool/gauge.ts"
import { isThenable } from "../thenable.ts"
import { heapUsed } from "./heap-used.ts"

/** Runs a task, and measures how long it takes until its result, or what it promised, is there. */
export type Meter = <A>(task: () => A) => A

/** Measures nothing, where nobody reads it. */
const untold: Meter = (task) => task()

export const makeMeter = (input: GaugeInput | undefined): Meter => {
  if (input === undefined) return untold
  const gauge = new Gauge(input.memory)
  const ended = (began: number): void => {
    gauge.run.record(performance.now() - began)
    if (input.heap) gauge.heapUsed = heapUsed()
  }
  return (task) => {
    const began = performance.now()
    let value: ReturnType<typeof task>
    try {
      value = task()
    } catch (thrown) {
      ended(began)
      throw thrown
    }
    if (!isThenable(value)) {
      ended(began)
      return value
    }
    return Promise.resolve(value).finally(() => ended(began)) as unknown as typeof value
  }
}
