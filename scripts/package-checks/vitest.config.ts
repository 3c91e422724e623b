import { mergeConfig } from "vitest/config"
import shared from "../../vitest.shared.ts"

/** Tests here mostly wait for programs that they start: as many of those at a time as a small machine has cores. */
export default mergeConfig(shared, { test: { maxConcurrency: 2 } })
