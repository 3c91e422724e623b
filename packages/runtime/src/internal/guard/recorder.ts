/**
 * Records what the current thread does, with the CPU profiler that the inspector of Node, Bun and Deno has: it samples the stack
 * from outside, so that it also sees code that never comes back to the loop.
 */
import { hotPath, type Profile } from "./hot-path.ts"

/** What is used of `node:inspector`'s `Session`. */
interface Session {
  connect(): void
  disconnect(): void
  post(method: string, params: object, callback: (error: Error | null, result: object) => void): void
}

interface Segment {
  readonly profile: Profile
  /** What is to be added to the loop's clock for the profile's, in milliseconds. */
  readonly offset: number
}

// Before a test can replace it by one that does not go on by itself.
const clock = performance
const read = clock.now.bind(clock)

/** The loop's clock, in milliseconds. */
export const now = (): number => read()

const post = (session: Session, method: string, params: object = {}): Promise<object> =>
  new Promise((resolve, reject) => {
    session.post(method, params, (error, result) => (error ? reject(error) : resolve(result)))
  })

/** One for the thread, since there is one profiler: shared by all guards that are open at the same time. */
export class Recorder {
  readonly #segments: Segment[] = []
  /** Those who are not to blame the code that they guard for what the profiler itself takes. */
  readonly #watchers = new Set<() => void>()
  #session: Session | undefined
  /** Why there is no profile. */
  #unavailable: string | undefined
  /** One step after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  /** Begins to record. `excuse` is called whenever the recorder itself may have held the loop. */
  open(excuse: () => void, sampleMicros: number): Promise<void> {
    return this.#next(async () => {
      this.#watchers.add(excuse)
      if (this.#session === undefined) await this.#start(sampleMicros)
      this.#excuseAll()
    })
  }

  /** What ran longest between two moments of the loop's clock: its stack, the innermost call first; or why it is not known. */
  stacks(spans: ReadonlyArray<readonly [number, number]>): Promise<ReadonlyArray<ReadonlyArray<string>>> {
    return this.#next(async () => {
      if (spans.length > 0) await this.#collect()
      const found = spans.map(([from, to]) => this.#find(from, to))
      this.#excuseAll()
      return found
    })
  }

  /** Ends what `open` began. */
  close(excuse: () => void): Promise<void> {
    return this.#next(async () => {
      this.#watchers.delete(excuse)
      if (this.#watchers.size > 0) return
      const session = this.#session
      this.#session = undefined
      this.#segments.length = 0
      session?.disconnect()
    })
  }

  #next<A>(step: () => Promise<A>): Promise<A> {
    const done = this.#turn.then(step)
    this.#turn = done.catch(() => {})
    return done
  }

  #excuseAll(): void {
    for (const excuse of this.#watchers) excuse()
  }

  async #start(sampleMicros: number): Promise<void> {
    try {
      // Only here, because not every build of a runtime has an inspector.
      const inspector = (await import("node:inspector")) as unknown as { readonly Session: new () => Session }
      const session = new inspector.Session()
      session.connect()
      await post(session, "Profiler.enable")
      await post(session, "Profiler.setSamplingInterval", { interval: sampleMicros })
      await post(session, "Profiler.start")
      this.#session = session
      this.#unavailable = undefined
    } catch (error) {
      this.#unavailable = `no stack: this runtime's profiler cannot be used (${String(error)})`
    }
  }

  async #collect(): Promise<void> {
    const session = this.#session
    if (session === undefined) return
    const stopped = now()
    const { profile } = (await post(session, "Profiler.stop")) as { readonly profile: Profile }
    this.#segments.push({ profile, offset: profile.endTime / 1000 - stopped })
    await post(session, "Profiler.start")
  }

  #find(from: number, to: number): ReadonlyArray<string> {
    if (this.#unavailable !== undefined) return [this.#unavailable]
    for (const { profile, offset } of this.#segments) {
      const path = hotPath(profile, (from + offset) * 1000, (to + offset) * 1000)
      if (path.length > 0) return path
    }
    return ["no stack: the time was spent outside of JavaScript, or by other programs of the machine"]
  }
}
