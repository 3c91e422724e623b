import { echo, empty, rows } from "./tasks.ts"

export const makeTasks = () => ({ empty, echo, rows })
