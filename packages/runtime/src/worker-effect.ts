/** For the code of a task that is written in Effect: runs it as a part of the call. Loads Effect in the worker. */
export { runPromise, runPromiseExit, runSync, runSyncExit, withCaller } from "./CallerRuntime.ts"
export * as CrossingRef from "./CrossingRef.ts"
