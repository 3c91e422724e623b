import { ThreadWorker } from "poolifier"
import { echo, empty, rows } from "../../src/subjects/hop/tasks.ts"

export default new ThreadWorker({ empty, echo, rows })
