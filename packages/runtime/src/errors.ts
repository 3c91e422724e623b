/**
 * Every error that `@offloop/runtime` fails with. All are tagged, so that `Effect.catchTag` selects them, and each
 * message says what failed, where, and what to do.
 */
import { TaggedError } from "./internal/tagged-error.ts"
import { insteadOf } from "./internal/transport/instead.ts"
import { describe } from "./internal/transport/portrait.ts"
import { unreadValue } from "./internal/transport/unread-value.ts"

/** The JavaScript runtime lacks something that threads need, or is too old. */
export class UnsupportedRuntimeError extends TaggedError("UnsupportedRuntimeError")<{
  /** What was found, for example `"Node 20.1.0"`. */
  readonly found: string
  /** What is missing. */
  readonly missing: string
  /** What to do about it. */
  readonly remedy: string
}> {
  override get message(): string {
    return `${this.found} cannot run Offloop's threads: ${this.missing}. ${this.remedy}.`
  }
}

/** A task refers to a module that could not be found. */
export class TaskModuleNotFoundError extends TaggedError("TaskModuleNotFoundError")<{
  /** The module as the task named it. */
  readonly module: string
  /** Why it was not found. */
  readonly reason: string
}> {
  override get message(): string {
    return (
      `Task module ${JSON.stringify(this.module)} was not found: ${this.reason}. ` +
      (URL.canParse(this.module)
        ? "Check the path in new URL(path, import.meta.url): it is relative to the file that says so, and a build may have renamed .ts to .js."
        : `Pass an absolute URL, as in Task.fromModule(new URL("./tasks.js", import.meta.url)).`)
    )
  }
}

/** A task refers to an export which its module does not have, or which is not a function. */
export class TaskExportNotFoundError extends TaggedError("TaskExportNotFoundError")<{
  readonly module: string
  /** The name that the task asked for. */
  readonly exportName: string
  /** The function exports that the module has. */
  readonly available: ReadonlyArray<string>
}> {
  override get message(): string {
    const has =
      this.available.length === 0 ? "it exports no function" : `its functions are ${this.available.join(", ")}`
    return `Module ${this.module} has no exported function ${JSON.stringify(this.exportName)}: ${has}. Export it by that name.`
  }
}

/**
 * A program without types passed something else than a task: most often the function itself. A defect, because with
 * types it cannot happen.
 */
export class NotATaskError extends TaggedError("NotATaskError")<{
  /** What it was passed to. */
  readonly target: string
  /** What it was. */
  readonly found: string
}> {
  override get message(): string {
    return (
      `${this.target} takes a task, a reference to an exported function, not ${this.found}. A function cannot cross to a ` +
      `thread, because it would leave its variables behind. Export it from a module, tasks.js for instance, and refer to ` +
      `it: const tasks = Task.fromModule(new URL("./tasks.js", import.meta.url)); ${this.target}(tasks.name, ...args).`
    )
  }
}

/** What is wrong with one part of a value. */
export interface SchemaIssue {
  /** Where: `args[0].email`, `result.joined`. */
  readonly path: string
  readonly message: string
}

/**
 * A value is not what the contract of its task says: an argument, found before it is sent; what the task gave, found in
 * the thread; or, where the two sides have different contracts, what the other side sent.
 */
export class TaskSchemaError extends TaggedError("TaskSchemaError")<{
  /** The task that was called. */
  readonly target: string
  /** Which of its values. */
  readonly value: "arguments" | "result" | "failure"
  readonly issues: ReadonlyArray<SchemaIssue>
}> {
  override get message(): string {
    const all = this.issues.map(({ path, message }) => `${path}: ${message}`).join("; ")
    return `The ${this.value} of ${this.target} is not what its contract says. ${all}.`
  }
}

/** A value cannot cross to another thread: functions, symbols, weak collections, promises and the like. */
export class UnsendableError extends TaggedError("UnsendableError")<{
  /** Where in the value: `args[1].user.onDone`, `init.log`, `result.close`. */
  readonly path: string
  /** What was found there: `function`, `symbol`, `WeakMap`, … */
  readonly kind: string
  /** The task or method that was called. */
  readonly target: string
  /** What the engine said, where it was the engine that refused. */
  readonly cause?: unknown
}> {
  override get message(): string {
    return `${this.path}: ${this.kind} cannot cross in the call of ${this.target}. ${this.#remedy}.`
  }

  get #remedy(): string {
    if (/^(async )?function$|^class$/.test(this.kind)) {
      return (
        "A function cannot cross, because it would leave its variables behind: export it from a module that the task " +
        "imports, refer to it as a task of its own with Task.fromModule, or call back to the loop with a Portal"
      )
    }
    if (this.kind.startsWith("detached ")) {
      return "Its memory moved to another thread before: transfer it once, or send a copy"
    }
    if (this.kind.startsWith("out-of-bounds ")) {
      return "Its memory was resized and is too small for it: make a new view, or send a copy"
    }
    if (this.kind.startsWith("untransferable ")) {
      return "This runtime cannot move it: send it without transfer, or a copy of its bytes"
    }
    if (this.kind.includes("SharedArrayBuffer")) {
      return 'A process shares no memory: send a copy of its bytes, or use the placement "worker"'
    }
    if (this.kind.endsWith("cannot be read")) {
      return "Reading it throws: send plain data, without accessors and proxies that throw"
    }
    if (this.kind === unreadValue) {
      return "It is nested too deep or too large for the other side: send it in parts, or flat"
    }
    if (this.kind === "value" && this.cause !== undefined) {
      return `The runtime refused it: ${describe(this.cause)}. Send it in parts, as a stream, or as a file`
    }
    const instead = insteadOf(this.kind)
    return instead === undefined
      ? "Send plain data instead: anything that structuredClone accepts on every runtime"
      : `It belongs to its thread. Send ${instead}`
  }
}

/**
 * The code in the worker threw. `cause` is what it threw: an `Error` built again on this side with the same `name`,
 * `message`, `code`, `_tag`, own enumerable properties, `cause` chain and `errors`, and with the worker's `stack`; a
 * thrown value that is not an `Error` is itself. Built-in classes (`TypeError`, `AggregateError`, …) are kept, classes
 * of the program become plain `Error`s with the same `name`, because a class cannot cross.
 */
export class TaskError extends TaggedError("TaskError")<{
  /** The task or method that threw. */
  readonly target: string
  readonly cause: unknown
}> {
  /** `cause.code` where the worker's error had one, for example `"SQLITE_BUSY"`. */
  get code(): string | number | undefined {
    const code = property(this.cause, "code")
    return typeof code === "string" || typeof code === "number" ? code : undefined
  }
  /** `cause._tag` where the worker's error was tagged. */
  get remoteTag(): string | undefined {
    const tag = property(this.cause, "_tag")
    return typeof tag === "string" ? tag : undefined
  }
  override get message(): string {
    return `${this.target} failed: ${describe(this.cause)}`
  }
}

/** The worker, a thread or a process, ended while it was needed: `process.exit`, an uncaught error, out of memory. */
export class WorkerCrashedError extends TaggedError("WorkerCrashedError")<{
  /** The name that the worker was given. */
  readonly worker: string
  /** The exit code of the thread or process. */
  readonly exitCode: number | undefined
  /** Of a process: the signal that ended it, for example `"SIGKILL"`. */
  readonly signal?: string | undefined
  /** Of a process: the last lines that it wrote to stderr, at most 100. */
  readonly stderr?: string | undefined
  /** The error that ended the thread, if there was one: what nobody caught, built again like the `cause` of a `TaskError`. */
  readonly cause?: unknown
  /** Of a supervised resident that is not opened again: how often it was. */
  readonly restarts?: number | undefined
}> {
  override get message(): string {
    const how = this.signal === undefined ? `exit code ${this.exitCode ?? "unknown"}` : `signal ${this.signal}`
    const why = this.cause === undefined ? "" : `: ${describe(this.cause)}`
    const said = this.stderr === undefined ? "" : ` Its last words: ${this.stderr}`
    return (
      `Worker "${this.worker}" ended unexpectedly (${how})${why}. ` +
      `What it was doing may or may not have happened; ${this.#remedy}.${said}`
    )
  }
  get #remedy(): string {
    return this.restarts === undefined
      ? "open a new one"
      : `restarts so far: ${this.restarts}, and its schedule allows no more. Look for what ends it, or give it another schedule`
  }
}

/** The thread or process could not be started, or ended before its object was there. */
export class WorkerStartError extends TaggedError("WorkerStartError")<{
  readonly worker: string
  readonly cause: unknown
}> {
  override get message(): string {
    const why = describe(this.cause)
    if (/(thread|process)-entry\.[jt]s/.test(why)) {
      return (
        `Worker "${this.worker}" could not be started: ${why}. A bundler has left out the file that workers start with. ` +
        `Call threads() of @offloop/runtime/threads in the first module of the program, or bundle that file as well: docs/bundling.md of Offloop shows both.`
      )
    }
    return (
      `Worker "${this.worker}" could not be started: ${why}. ` +
      `Check permissions (Deno: --allow-read; for a process also --allow-run and --allow-env), resource limits and that the package's files are on disk.`
    )
  }
}

/** A call was made on a resident, or was pending on it, when it closed. */
export class ResidentClosedError extends TaggedError("ResidentClosedError")<{
  readonly worker: string
}> {
  override get message(): string {
    return `Resident "${this.worker}" is closed: its scope ended or it was terminated. Call it within the scope that made it.`
  }
}

/** A resident cannot be supervised, because its `init` can be sent only once: parts of it are marked to move. */
export class InitNotRepeatableError extends TaggedError("InitNotRepeatableError")<{
  readonly worker: string
}> {
  override get message(): string {
    return (
      `Resident "${this.worker}" cannot be supervised: parts of its init are to be transferred, so they would be gone ` +
      `when it is opened again. Send them as a copy, without transfer, or make them in the task itself.`
    )
  }
}

/** A limiter has no token free, and the caller asked not to wait. anyio's `WouldBlock`. */
export class WouldBlockError extends TaggedError("WouldBlockError")<{
  readonly totalTokens: number
}> {
  override get message(): string {
    return `All ${this.totalTokens} tokens of the limiter are taken. Use acquire to wait for one.`
  }
}

/** A limiter was used wrongly: a bad number of tokens, a second token for one borrower, a release without a token. */
export class LimiterError extends TaggedError("LimiterError")<{
  readonly reason: "InvalidTotalTokens" | "AlreadyBorrowing" | "NotBorrowing"
  readonly detail: string
}> {
  override get message(): string {
    return this.detail
  }
}

/**
 * Waiting would never end: a handler of a portal asked for a thread that is blocked until that very handler answers. Found
 * when a handler calls the resident that called it, or runs a task in a pool, or under a limiter, all of whose threads or
 * tokens are taken by those who wait for it.
 */
export class DeadlockError extends TaggedError("DeadlockError")<{
  /** What was asked for: a worker's name, a task. */
  readonly target: string
  readonly detail: string
}> {
  override get message(): string {
    return `${this.target} would be waited for forever: ${this.detail}.`
  }
}

/** Work was asked for where it cannot be done: a portal does not reach into a process. */
export class UnsupportedPlacementError extends TaggedError("UnsupportedPlacementError")<{
  /** The task. */
  readonly target: string
  readonly placement: string
  readonly detail: string
}> {
  override get message(): string {
    return `${this.target} cannot run with the placement "${this.placement}": ${this.detail}.`
  }
}

/** What a pool's thread was to run before it takes tasks failed there. The thread is ended. */
export class WarmUpError extends TaggedError("WarmUpError")<{
  /** The pool's name. */
  readonly pool: string
  /** The task that was to warm it up. */
  readonly target: string
  /** How it failed, as any task: a `TaskError`, a `TaskModuleNotFoundError`, … */
  readonly cause: unknown
}> {
  override get message(): string {
    return `A thread of pool "${this.pool}" could not be warmed up with ${this.target}: ${describe(this.cause)}.`
  }
}

/** A pool was given an option that makes no sense, or that this runtime cannot honour. */
export class InvalidPoolOptionsError extends TaggedError("InvalidPoolOptionsError")<{
  /** The option's name. */
  readonly option: string
  readonly detail: string
}> {
  override get message(): string {
    return this.detail
  }
}

/** A resident was given an option that makes no sense, or that this runtime cannot honour. */
export class InvalidResidentOptionsError extends TaggedError("InvalidResidentOptionsError")<{
  /** The resident's name. */
  readonly worker: string
  /** The option's name. */
  readonly option: string
  readonly detail: string
}> {
  override get message(): string {
    return `Resident "${this.worker}" cannot be opened like that. ${this.detail}`
  }
}

/** Two fiber refs were to cross under one key: in the worker nobody could tell them apart. */
export class CrossingRefError extends TaggedError("CrossingRefError")<{
  readonly key: string
}> {
  override get message(): string {
    return `Another FiberRef crosses under the key ${JSON.stringify(this.key)} already. Give this one a key of its own.`
  }
}

/** Why a call on a resident failed. */
export type CallError = UnsendableError | TaskError | WorkerCrashedError | ResidentClosedError | DeadlockError

/** Why a resident could not be opened. */
export type OpenError =
  | UnsendableError
  | TaskError
  | TaskModuleNotFoundError
  | TaskExportNotFoundError
  | InvalidResidentOptionsError
  | WorkerStartError
  | ResidentClosedError

const property = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined
