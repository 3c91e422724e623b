import * as Effect from "effect/Effect"
import { describe, expect, it } from "vitest"
import { pace, progress } from "../../src/terminal/progress.ts"
import { Screen } from "../../src/terminal/screen.ts"
import { recordingStream } from "./recording-stream.ts"

const lines = (total: number, reports: ReadonlyArray<number>) => {
  const { stream, text } = recordingStream({ isTTY: false })
  return Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const report = yield* progress("cities", total)
        for (const done of reports) report(done)
      }),
    ).pipe(Effect.provide(Screen.layer(stream)), Effect.as(text)),
  ).then((text) => text().trimEnd().split("\n"))
}

describe("progress", () => {
  it("writes one plain line for each tenth where nobody watches", async () => {
    const reports = Array.from({ length: 100 }, (_, i) => (i + 1) * 20)
    const written = await lines(2000, reports)
    expect(written.length).toBe(10)
    expect(written[0]).toMatch(/^cities: 200 of 2,000 \(10%\), [\d,]+ rows\/s, ETA /)
    expect(written[9]).toMatch(/^cities: 2,000 of 2,000 \(100%\)/)
    expect(written.join("")).not.toContain("\u001b")
  })

  it("does not repeat the tenths that one report skips", async () => {
    expect((await lines(2000, [1000, 2000])).length).toBe(2)
  })

  it("draws over one line on a terminal and gives the cursor back", async () => {
    const { stream, text } = recordingStream({ isTTY: true })
    await Effect.runPromise(
      Effect.scoped(
        Effect.gen(function* () {
          const report = yield* progress("cities", 100)
          report(50)
          report(100)
        }),
      ).pipe(Effect.provide(Screen.layer(stream))),
    )
    expect(text()).toContain("100%")
    expect(text()).toContain("rows/s")
    expect(text().lastIndexOf("\u001b[?25h")).toBeGreaterThan(text().lastIndexOf("\u001b[?25l"))
  })

  it("gives the cursor back when it is interrupted", async () => {
    const { stream, text } = recordingStream({ isTTY: true })
    await Effect.runPromiseExit(
      Effect.scoped(Effect.zipRight(progress("cities", 100), Effect.interrupt)).pipe(
        Effect.provide(Screen.layer(stream)),
      ),
    )
    expect(text()).toContain("\u001b[?25l")
    expect(text().lastIndexOf("\u001b[?25h")).toBeGreaterThan(text().lastIndexOf("\u001b[?25l"))
  })
})

describe("pace", () => {
  it("is rows per second and the time left at that speed", () => {
    expect(pace(20_000, 50_000, 2000)).toEqual({ perSecond: "10,000", eta: "3 s" })
  })

  it("is unknown before anything was done", () => {
    expect(pace(0, 50_000, 0)).toEqual({ perSecond: "0", eta: "unknown" })
  })
})
