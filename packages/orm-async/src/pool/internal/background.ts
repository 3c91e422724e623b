import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { RuntimeFiber } from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import type { PooledConnection } from "./pooled-connection.ts"

// How long to wait for work that is being given up, before it is ended by force.
const grace = Duration.seconds(5)

/** For which slots something is done, and with which connection; with none while one is being opened. */
interface Work {
  readonly home: object
  readonly connection: PooledConnection | undefined
}

/**
 * What a pool does on fibers of its own: opening, resetting and closing connections. No interruption of a user's fiber
 * reaches it.
 */
export class Background {
  readonly #fork: <A, E>(effect: Effect.Effect<A, E>) => RuntimeFiber<A, E>
  readonly #running = new Map<RuntimeFiber<void>, Work>()

  constructor(fork: <A, E>(effect: Effect.Effect<A, E>) => RuntimeFiber<A, E>) {
    this.#fork = fork
  }

  /** Begins some work at once. */
  run(work: Effect.Effect<void>, home: object, connection?: PooledConnection): void {
    const fiber = this.#fork(connection === undefined ? work : Effect.uninterruptible(work))
    if (fiber.unsafePoll() !== null) return
    this.#running.set(fiber, { home, connection })
    fiber.addObserver(() => this.#running.delete(fiber))
  }

  /** Runs something after a time; what is returned calls it off. */
  later(run: () => void, milliseconds: number): () => void {
    const fiber = this.#fork(Effect.delay(Effect.sync(run), Duration.millis(milliseconds)))
    return () => fiber.unsafeInterruptAsFork(FiberId.none)
  }

  /**
   * Waits until all work is done but that for `current`, then ends by force what is left: what opens a connection is
   * interrupted, a connection is terminated.
   */
  endOthers(current: () => object): Effect.Effect<void> {
    return Effect.suspend(() => {
      // On a fiber of its own, because this one may be interrupted already, and the time limit needs one that can be.
      const bounded = this.#fork(Effect.timeoutOption(this.#othersDone(current), grace))
      return Effect.zipRight(bounded.await, this.#forceOthers(current))
    })
  }

  #others(current: () => object): ReadonlyArray<readonly [RuntimeFiber<void>, Work]> {
    return [...this.#running].filter(([, { home }]) => home !== current())
  }

  /** What ends may leave more to do: a connection that has just been opened is to be closed. */
  #othersDone(current: () => object): Effect.Effect<void> {
    return Effect.suspend(() => {
      const others = this.#others(current)
      if (others.length === 0) return Effect.void
      const allDone = Effect.forEach(others, ([fiber]) => fiber.await, { discard: true })
      return Effect.zipRight(allDone, this.#othersDone(current))
    })
  }

  #forceOthers(current: () => object): Effect.Effect<void> {
    return Effect.suspend(() =>
      Effect.forEach(
        this.#others(current),
        ([fiber, { connection }]) =>
          connection === undefined
            ? Effect.sync(() => fiber.unsafeInterruptAsFork(FiberId.none))
            : connection.driver.terminate,
        { discard: true },
      ),
    )
  }
}
