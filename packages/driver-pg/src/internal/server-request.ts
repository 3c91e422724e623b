import type { PostgresQuery, PostgresResult, PostgresStatement } from "./postgres-js.ts"
import type { PreparedStatement } from "./prepared-statements.ts"
import { type AnswerReader, placeholder } from "./server-socket.ts"

const placeholderOptions = { simple: true, prepare: false } as const
const placeholderStrings: ReadonlyArray<string> = [placeholder]
const nothing: ReadonlyArray<never> = []
const nobody: Array<() => void> = []

/** One statement of a request. */
export interface RequestStep {
  readonly statement: PreparedStatement
  /** The request has the server prepare it under its name. */
  readonly prepares: boolean
}

/** The events that a request tells the session which sends it. */
export interface RequestOwner {
  /** Its answer is the next to arrive. */
  begins(request: ServerRequest): void
  /** Its answer has arrived. */
  ends(request: ServerRequest): void
  /** The server waits for data of a COPY, which there are none of. */
  refuseCopyData(stream: CopyStream): void
}

/** A stream of postgres.js for the data of a COPY. */
export interface CopyStream {
  readonly writable?: boolean
  on(event: "error", listener: () => void): void
  resume?(): void
  destroy(error: Error): void
}

const isStream = (value: object): value is CopyStream => "destroy" in value && typeof value.destroy === "function"

/**
 * A group of messages that ends with one ReadyForQuery, and its answer: one statement or several, of which none runs after
 * one has failed.
 *
 * To postgres.js it is a query whose text is the placeholder; the messages are in the socket's writer.
 */
export class ServerRequest implements PostgresQuery, AnswerReader {
  readonly options = placeholderOptions
  readonly strings = placeholderStrings
  readonly args = nothing
  readonly tagged = false
  readonly isRaw = "values"
  readonly origin = ""
  // Set or read by postgres.js; named here so that all requests have one shape.
  readonly reserve: undefined = undefined
  readonly cancelled: undefined = undefined
  state: unknown = undefined
  prepare: unknown = undefined
  signature: unknown = undefined
  prepared: unknown = undefined
  describeFirst: unknown = undefined
  onlyDescribe: unknown = undefined
  parsing: unknown = undefined
  statement: PostgresStatement | null = null
  string = ""
  parameters: ReadonlyArray<unknown> | undefined = undefined

  /** Integers arrive as `bigint`. */
  readonly bigints: boolean
  readonly steps: ReadonlyArray<RequestStep>
  readonly hasSeveral: boolean
  /** The number of its statements that have ended. */
  completedSteps = 0
  /** Values of rows, as they arrive, one row after the other. */
  cells: Array<unknown> = []
  /** There may be more rows than were asked for. */
  isSuspended = false
  result: PostgresResult | undefined = undefined
  error: unknown = undefined
  /** The epoch of prepared statements in which it was sent. */
  epoch = 0
  isOver = false
  /** The server is asked to stop it. */
  isCancelling = false
  #over: Array<() => void> = nobody
  readonly #owner: RequestOwner
  readonly #end: (request: ServerRequest) => void
  readonly #onStep: ((request: ServerRequest, tag: string) => void) | undefined

  /**
   * @param end is told when the answer has arrived, or cannot any more
   * @param onStep is told the end of each statement, where there are several
   */
  constructor(
    owner: RequestOwner,
    steps: ReadonlyArray<RequestStep>,
    bigints: boolean,
    end: (request: ServerRequest) => void,
    onStep?: (request: ServerRequest, tag: string) => void,
  ) {
    this.#owner = owner
    this.steps = steps
    this.hasSeveral = steps.length > 1
    this.bigints = bigints
    this.#end = end
    this.#onStep = onStep
  }

  get active(): boolean {
    return !this.isOver
  }

  set active(value: boolean) {
    if (value) this.#owner.begins(this)
  }

  /** It was given to postgres.js. */
  sent(statement: PreparedStatement, parameters: ReadonlyArray<unknown>): void {
    this.statement = statement
    this.string = statement.sql
    this.parameters = parameters
  }

  forEachFn(row: ReadonlyArray<unknown>): void {
    const { cells } = this
    for (let index = 0; index < row.length; index++) cells.push(row[index])
  }

  completed(tag: string): void {
    this.#onStep?.(this, tag)
    this.completedSteps++
    const next = this.steps[this.completedSteps]
    if (next === undefined) return
    this.statement = next.statement
    this.string = next.statement.sql
  }

  suspended(): void {
    this.isSuspended = true
  }

  resolve(value: unknown): void {
    if (typeof value !== "object" || value === null) return
    if (isStream(value)) this.#owner.refuseCopyData(value)
    else this.result = value as PostgresResult
  }

  reject(error: unknown): void {
    this.error ??= error
  }

  ready(): void {
    this.#owner.ends(this)
  }

  /** Tells when it is over, after whoever waits for its answer. */
  onceOver(listener: () => void): void {
    if (this.#over === nobody) this.#over = [listener]
    else this.#over.push(listener)
  }

  /** Tells how it ended. */
  finish(): void {
    if (this.isOver) return
    this.isOver = true
    this.#end(this)
    if (this.#over !== nobody) for (const listener of this.#over) listener()
  }
}
