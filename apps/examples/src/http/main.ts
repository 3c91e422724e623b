import "@offloop/driver-pg"
import "@offloop/driver-sqlite"
import * as Effect from "effect/Effect"
import { runMain } from "../process/run-main.ts"
import { program } from "./program.ts"

runMain(program.pipe(Effect.catchAll((error) => Effect.as(Effect.logError(`Cannot serve. ${error}`), 1))))
