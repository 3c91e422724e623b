import { tmpdir } from "node:os"
import { afterEach, describe, expect, it } from "vitest"
import type { Runtime } from "../../src/model.ts"
import { type SubjectProcess, startSubject } from "../../src/process/subject-process.ts"

const runtime: Runtime = "Bun" in globalThis ? "bun" : "Deno" in globalThis ? "deno" : "node"
const ample = 30_000

let subject: SubjectProcess | undefined
afterEach(() => subject?.close())

const start = (suite: string, entrant: string, signal = new AbortController().signal): SubjectProcess => {
  subject = startSubject(
    runtime,
    { suite, entrant, context: { runtime, folder: tmpdir(), data: null, quick: true } },
    signal,
  )
  return subject
}

describe("a subject's process", () => {
  it("answers requests, and ends when it is closed", async () => {
    const { request, close } = start("hop", "postMessage")
    await request({ do: "enter" }, ample)
    await request({ do: "open", case: "sequential" }, ample)
    expect(await request({ do: "check" }, ample)).toBeUndefined()
    const samples = await request<ReadonlyArray<number>>({ do: "round", ms: 5 }, ample)
    expect(samples.length).toBeGreaterThan(0)
    await close()
    await expect(request({ do: "check" }, ample)).rejects.toThrow("its process ended with code 0")
  })

  it("gives the subject's own message when a request fails, and goes on", async () => {
    const { request } = start("hop", "shared memory")
    await request({ do: "enter" }, ample)
    await expect(request({ do: "open", case: "1,000 rows" }, ample)).rejects.toThrow("it carries bytes only")
    await expect(request({ do: "open", case: "nonsense" }, ample)).rejects.toThrow('There is no case "nonsense"')
    await request({ do: "open", case: "sequential" }, ample)
  })

  it("quotes what a process said that ended by itself", async () => {
    const { request } = start("no-such-suite", "nobody")
    await expect(request({ do: "enter" }, ample)).rejects.toThrow(/its process ended with code 1.*no-such-suite/)
  })

  it("ends a process that does not answer in time", async () => {
    const { request } = start("hop", "postMessage")
    await request({ do: "enter" }, ample)
    await request({ do: "open", case: "sequential" }, ample)
    await expect(request({ do: "round", ms: ample }, 200)).rejects.toThrow('no answer to "round"')
    await expect(request({ do: "check" }, ample)).rejects.toThrow('no answer to "round"')
  })

  it("ends with the run", async () => {
    const ending = new AbortController()
    const { request } = start("hop", "postMessage", ending.signal)
    await request({ do: "enter" }, ample)
    await request({ do: "open", case: "sequential" }, ample)
    const round = request({ do: "round", ms: ample }, 2 * ample)
    ending.abort()
    await expect(round).rejects.toThrow("its process ended with")
  })
})
