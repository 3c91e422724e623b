import workerpool from "workerpool"
import { echo, empty, numbers, rows } from "../../src/subjects/hop/tasks.ts"

// Its way to answer more than once is events.
const emitNumbers = (count) => {
  for (const number of numbers(count)) workerpool.workerEmit(number)
}

workerpool.worker({ empty, echo, rows, numbers: emitNumbers })
