import workerpool from "workerpool"
import { echo, empty, rows } from "../../src/subjects/hop/tasks.ts"

workerpool.worker({ empty, echo, rows })
