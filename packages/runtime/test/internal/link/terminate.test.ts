/** What is left of a thread that was terminated. */
import { expect, test } from "vitest"
import { detect } from "../../../src/Backend.ts"
import { ConsoleSink } from "../../../src/internal/context/console-sink.ts"
import { startLink } from "../../../src/internal/link/start.ts"

const opening = {
  module: new URL("../../fixtures/residents.ts", import.meta.url).href,
  exportName: "makeSubject",
  init: { start: 1 },
}

test.each(["blocking", "async"] as const)(
  "a %s thread that waits for calls is gone when it was terminated",
  async (mode) => {
    const link = startLink(detect(), "waiting", mode, new ConsoleSink())
    await new Promise<void>((resolve, reject) =>
      link.open(opening, (exit) => (exit.ok ? resolve() : reject(exit.error))),
    )
    const gone = new Promise<string>((resolve) => link.onGone(() => resolve("gone")))
    link.terminate()
    expect(link.ended).toMatchObject({ _tag: "ResidentClosedError" })
    expect(await gone).toBe("gone")
  },
)
