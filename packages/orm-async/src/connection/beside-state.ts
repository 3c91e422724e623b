import type { LevelsState } from "../transaction/levels.ts"
import type { ExecutionOptions } from "./execution-options.ts"
import type { Trouble } from "./trouble.ts"

/** What a function that runs beside its connection works with: `connection`, or a session on it. */
export type BesideKind = "connection" | "session"

/** A connection's state on its way to the thread where the connection lives; plain data. */
export interface BesideContext {
  readonly kind: BesideKind
  readonly url: string
  readonly dialect: string
  readonly options: ExecutionOptions
  readonly hideParameters: boolean
  readonly levels: LevelsState
  /** Options of the session, where it is one. */
  readonly session?: Readonly<Record<string, unknown>> | undefined
}

/** What became of it there; plain data. */
export interface BesideAnswer {
  readonly levels: LevelsState
  readonly trouble: Trouble | undefined
  readonly outcome: { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown }
}
