/** The programs that are shown side by side: files that run as they are. A test runs ours. */
import { readFileSync } from "node:fs"
import type { Block } from "../content.ts"
import { anyio, asyncio, names } from "./columns.ts"

/** The output of each sample. */
export const samples = {
  connect: { title: "Connect, write and read", prints: ["ann"] },
  begin: { title: "A transaction with a savepoint that is rolled back", prints: ["not enough", "[ 10, 0 ]"] },
  stream: { title: "A stream that is left in the middle", prints: ["124750"] },
  session: { title: "Objects in a session", prints: ["anna"] },
} as const

export type SampleName = keyof typeof samples

export const sampleNames = Object.keys(samples) as ReadonlyArray<SampleName>

export const sampleUrl = (name: SampleName, file: string): URL => new URL(`../samples/${name}/${file}`, import.meta.url)

const codeOf = (name: SampleName, file: string): string => readFileSync(sampleUrl(name, file), "utf8").trimEnd()

export const sampleBlock = (name: SampleName): Block => ({
  kind: "samples",
  label: samples[name].title,
  samples: [
    { title: names[asyncio], language: "python", code: codeOf(name, "with_asyncio.py") },
    { title: names[anyio], language: "python", code: codeOf(name, "with_anyio.py") },
    { title: "Offloop, inline and worker", language: "ts", code: codeOf(name, "offloop.ts") },
  ],
})
