import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** A new folder in the system's temporary folder, removed with everything in it when the scope closes. */
export const temporaryFolder = (prefix: string): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(() => mkdtemp(join(tmpdir(), prefix))),
    // Windows refuses to remove a file for a moment after it was closed.
    (folder) => Effect.promise(() => rm(folder, { recursive: true, force: true, maxRetries: 10 })),
  )
