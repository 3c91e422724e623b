import * as Runner from "@effect/platform/WorkerRunner"
import * as NodeWorkerRunner from "@effect/platform-node/NodeWorkerRunner"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { echo, empty, numbers, rows } from "../../src/subjects/hop/tasks.ts"

const tasks = { empty, echo, rows }

const serve = Runner.layer(({ name, argument }) =>
  name === "numbers" ? Stream.fromIterable(numbers(argument)) : Effect.sync(() => tasks[name](argument)),
)

Effect.runFork(Runner.launch(Layer.provide(serve, NodeWorkerRunner.layer)))
