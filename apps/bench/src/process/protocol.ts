/** Lines between the bench and a subject's process: requests on its input, replies on its output. */
import type { Context } from "../suite.ts"

/** Marks a reply, because a peer may print too. */
export const mark = "\u0001bench "

/** The only argument that the process is started with. */
export interface Job {
  readonly suite: string
  readonly entrant: string
  readonly context: Context
}

export type Request =
  | { readonly do: "enter" | "check" | "finish" | "close" }
  | { readonly do: "open"; readonly case: string }
  | { readonly do: "warmUp" | "round"; readonly ms: number }

/** A part is declined when the subject says itself that a case is not for it. */
export type Reply = { readonly value?: unknown } | { readonly error: string; readonly declined?: boolean }
