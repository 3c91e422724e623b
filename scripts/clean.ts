/** Removes the folders named on the command line, on every operating system: `node scripts/clean.ts dist`. */
import { rmSync } from "node:fs"

for (const folder of process.argv.slice(2)) rmSync(folder, { recursive: true, force: true })
