import * as Runner from "@effect/platform/WorkerRunner"
import * as NodeWorkerRunner from "@effect/platform-node/NodeWorkerRunner"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { echo, empty, rows } from "../../src/subjects/hop/tasks.ts"

const tasks = { empty, echo, rows }

const serve = Runner.layer(({ name, argument }) => Effect.sync(() => tasks[name](argument)))

Effect.runFork(Runner.launch(Layer.provide(serve, NodeWorkerRunner.layer)))
