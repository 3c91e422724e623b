/**
 * Pools and those who follow their statistics. Metrics are Effect's, so they are followed once a module that has them is
 * loaded, also those of pools that were there before.
 */
import type { PoolStats } from "./tally.ts"
import type { ThreadPool } from "./thread-pool.ts"

/** Follows one pool. */
export interface Observer {
  /** Looks at the pool now, and returns what it saw. */
  update(): PoolStats
  /** Looks for the last time. */
  close(): void
}

/** Begins to follow a pool, whose tasks have a placement. */
export type Observe = (pool: ThreadPool, placement: string) => Observer

let observe: Observe | undefined
const open = new Set<ObservedPool>()

/** Follows all pools that are open, and all that will be. The first call counts. */
export const observePools = (begin: Observe): void => {
  if (observe !== undefined) return
  observe = begin
  for (const pool of open) pool.begin(begin)
}

/** A pool that is open to be followed until it is closed. */
export class ObservedPool {
  readonly pool: ThreadPool
  readonly #placement: string
  #observer: Observer | undefined

  constructor(pool: ThreadPool, placement: string) {
    this.pool = pool
    this.#placement = placement
    open.add(this)
    if (observe !== undefined) this.begin(observe)
  }

  begin(start: Observe): void {
    this.#observer = start(this.pool, this.#placement)
  }

  /** The pool's statistics, which are brought up to date wherever they are followed. */
  stats(): PoolStats {
    return this.#observer === undefined ? this.pool.stats : this.#observer.update()
  }

  /** Ends the pool's threads after what they are doing. */
  async close(): Promise<void> {
    try {
      await this.pool.close()
    } finally {
      open.delete(this)
      this.#observer?.close()
    }
  }
}
