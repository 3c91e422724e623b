import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"

/** A folder for one test file's databases, removed after its last test. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "offloop-sqlite-"))
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}
