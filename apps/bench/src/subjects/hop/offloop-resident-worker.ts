import { echo, empty, numbers, rows } from "./tasks.ts"

export const makeTasks = () => ({ empty, echo, rows, numbers })
