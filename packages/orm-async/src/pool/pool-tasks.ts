import type { Timer } from "../operation/timer.ts"

/** The time after which work that is being given up is ended by force, in milliseconds. */
const grace = 5_000

/** Work of a pool that nobody waits for: opening, resetting or closing a connection. */
export interface PoolTask {
  /** For which slots it is done. */
  readonly home: object
  /** Ends it soon, by force. */
  readonly force: () => void
}

/** The pool's own work that is under way, so that `dispose` can wait for it. */
export class PoolTasks {
  readonly #timer: Timer
  readonly #running = new Set<PoolTask>()
  readonly #listeners = new Set<() => void>()

  constructor(timer: Timer) {
    this.#timer = timer
  }

  begin(task: PoolTask): void {
    this.#running.add(task)
  }

  end(task: PoolTask): void {
    this.#running.delete(task)
    for (const listener of [...this.#listeners]) listener()
  }

  /**
   * Waits until all work is done but that for the slots of `current`. After five seconds what is left is ended by force
   * and not waited for.
   */
  endOthers(current: () => object, done: () => void): void {
    const others = () => [...this.#running].filter(({ home }) => home !== current())
    if (others().length === 0) return done()
    const finish = (): void => {
      callOff()
      this.#listeners.delete(check)
      done()
    }
    // Work that ends may leave more to do: a connection that has just been opened is to be closed.
    const check = (): void => {
      if (others().length === 0) finish()
    }
    const callOff = this.#timer.later(() => {
      for (const { force } of others()) force()
      finish()
    }, grace)
    this.#listeners.add(check)
  }
}
