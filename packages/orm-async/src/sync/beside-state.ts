import type { ExecutionOptions } from "../connection/execution-options.ts"
import type { LevelsState } from "../transaction/levels.ts"
import type { Trouble } from "../transaction/trouble.ts"

/** A connection's state on its way to the thread where the connection lives; plain data. */
export interface BesideContext {
  readonly url: string
  readonly options: ExecutionOptions
  readonly hideParameters: boolean
  readonly levels: LevelsState
  /** Options of the session that the function gets; undefined where it gets a connection. */
  readonly session: Readonly<Record<string, unknown>> | undefined
}

/** The state of a connection after a function ran beside it; plain data. */
export interface BesideState {
  readonly levels: LevelsState
  readonly trouble: Trouble | undefined
}

/** The outcome of a function that ran beside its connection. */
export interface BesideAnswer extends BesideState {
  readonly value: unknown
}

/** The function threw `cause`. Its state crosses with it, as properties. */
export class BesideFailure extends Error implements BesideState {
  override readonly name = "BesideFailure"
  readonly levels: LevelsState
  readonly trouble: Trouble | undefined

  constructor(cause: unknown, { levels, trouble }: BesideState) {
    super("a function that ran beside its connection threw", { cause })
    this.levels = levels
    this.trouble = trouble
  }
}

/** Recognises a {@link BesideFailure}, also one that has come from another thread and has lost its class. */
export const isBesideFailure = (error: unknown): error is Error & BesideState =>
  error instanceof Error && error.name === "BesideFailure" && "levels" in error
