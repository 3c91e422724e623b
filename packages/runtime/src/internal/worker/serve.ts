/** How a worker waits for calls: by blocking its thread, or by leaving its own event loop free. */
import { running } from "../portal/running.ts"
import type { Doorbell } from "../transport/doorbell.ts"
import type { Inbox } from "../transport/inbox.ts"
import { Listener } from "../transport/listener.ts"
import type { Outbox } from "../transport/outbox.ts"
import { Sleeper } from "../transport/sleeper.ts"
import { EventLoop } from "./event-loop.ts"
import { Host } from "./host.ts"

/** What a worker is connected with. */
export interface Wiring {
  readonly inbox: Inbox
  readonly outbox: Outbox
  /** The bell on which this worker sleeps. */
  readonly bell: Doorbell
}

/** Serves one call after the other and blocks the thread in between. Resolves when the object was closed. */
export const serveBlocking = async ({ inbox, outbox, bell }: Wiring): Promise<void> => {
  const idle = new Sleeper(bell, () => inbox.refresh())
  const full = new Sleeper(bell, () => outbox.awaitSpace())
  const flush = (): void => {
    while (!outbox.flush() && !bell.closed) full.wait()
  }
  const loop = new EventLoop()
  const host = new Host(inbox, outbox, () => outbox.flush(), flush, loop)
  const turn = (): Promise<void> => {
    // What runs meanwhile, a timer or what comes after an await, runs for no call.
    running.call = 0
    return loop.turn()
  }
  // Deno's way to terminate a thread does not reach one that does not go back to its event loop.
  while (!host.closed && !bell.closed) {
    if (inbox.refresh()) {
      while (!bell.closed && inbox.next()) {
        const later = host.handle()
        if (later !== undefined) await later
        flush()
        if (loop.ran()) await turn()
      }
      continue
    }
    if (host.ready) {
      // A batch at a time: calls and the word that a stream is not wanted any more come in between.
      const later = host.advance()
      if (later !== undefined) await later
      flush()
      if (loop.ran()) await turn()
      continue
    }
    if (idle.wait(loop.quiet)) continue
    loop.waited()
    await turn()
  }
}

/** Starts calls in order as they come and lets them overlap. Resolves when the object was closed. */
export const serveAsync = ({ inbox, outbox, bell }: Wiring): Promise<void> =>
  new Promise((resolve, reject) => {
    let flushing = false
    const flush = (): void => {
      flushing = false
      // While something waits for space, the bell that this worker sleeps on rings for that too.
      const done = outbox.flush() || outbox.awaitSpace()
      if (done && host.closed) resolve()
    }
    const flushSoon = (): void => {
      if (flushing) return
      flushing = true
      queueMicrotask(flush)
    }
    const press = (): void => {
      if (!outbox.flush()) flushSoon()
    }
    const host = new Host(inbox, outbox, flushSoon, press)
    const settled = (): void => {
      flushSoon()
      advanceSoon()
    }
    let advancing = false
    const advance = (): void => {
      advancing = false
      try {
        host.advance()?.then(settled, reject)
        settled()
      } catch (thrown) {
        reject(thrown)
      }
    }
    // A batch of each stream in a macrotask of its own, so that the worker's sockets and timers get their turn.
    const advanceSoon = (): void => {
      if (advancing || !host.ready) return
      advancing = true
      setImmediate(advance)
    }
    const turn = (): void => {
      try {
        if (inbox.refresh()) {
          while (inbox.next()) {
            host.handle()?.then(settled, reject)
            // What goes on after an await can be any call's.
            running.call = 0
          }
          advanceSoon()
        }
        flush()
        listener.listen()
      } catch (thrown) {
        reject(thrown)
      }
    }
    const listener = new Listener(bell, inbox, outbox, turn)
    turn()
  })
