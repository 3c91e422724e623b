/** Threads as workers of `@effect/platform`, apart from the rest because they need that package. */
export * as ThreadWorker from "./ThreadWorker.ts"
export * as ThreadWorkerRunner from "./ThreadWorkerRunner.ts"
