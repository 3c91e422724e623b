import { parentPort } from "node:worker_threads"
import { expose } from "comlink"
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs"
import { echo, empty, rows } from "../../src/subjects/hop/tasks.ts"

expose({ empty, echo, rows }, nodeEndpoint(parentPort))
