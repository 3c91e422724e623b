import { fromDriverError, ResourceClosedError } from "../errors/index.ts"
import type { Timer } from "../operation/timer.ts"
import type { ConnectError } from "./connect-error.ts"
import { type Connect, openConnection } from "./open-connection.ts"
import type { PoolHooks } from "./pool-hooks.ts"
import type { PoolTask, PoolTasks } from "./pool-tasks.ts"
import { PooledConnection } from "./pooled-connection.ts"
import type { Slots } from "./slots.ts"

/** The pool's state machine. */
export type PoolSlots = Slots<PooledConnection, ConnectError>

/** How a connection is ended: in order, or now. */
export type EndingOf = "close" | "terminate"

const disposedError = () =>
  new ResourceClosedError({
    message: "The engine was disposed of while this connection was being opened; connect again",
  })

/** Opens and ends a pool's connections, and counts them. */
export class Connector {
  readonly #connect: Connect
  readonly #timer: Timer
  readonly #hooks: PoolHooks
  readonly #tasks: PoolTasks
  #opened = 0
  #closed = 0

  constructor(connect: Connect, timer: Timer, hooks: PoolHooks, tasks: PoolTasks) {
    this.#connect = connect
    this.#timer = timer
    this.#hooks = hooks
    this.#tasks = tasks
  }

  /** How many connections were opened. */
  get opened(): number {
    return this.#opened
  }

  /** How many of them were ended. */
  get closed(): number {
    return this.#closed
  }

  /** Opens a connection for a slot; one of `opened` and `failed` is called, perhaps before this returns. */
  open(
    home: PoolSlots,
    generation: number,
    opened: (connection: PooledConnection) => void,
    failed: (error: ConnectError) => void,
  ): void {
    let given = false
    const task: PoolTask = {
      home,
      force: () => {
        given = true
        attempt.cancel()
      },
    }
    this.#tasks.begin(task)
    const attempt = openConnection(this.#connect, (outcome) => {
      if (outcome.ok) {
        this.#opened++
        const connection = new PooledConnection(outcome.value, home, generation, this.#timer.now())
        this.#hooks.connect?.(connection)
        opened(connection)
      } else failed(given ? disposedError() : fromDriverError(outcome.error))
      this.#tasks.end(task)
    })
  }

  /** Ends a connection; `ended` is called when nothing of it is left, perhaps before this returns. */
  end(connection: PooledConnection, how: EndingOf, ended: () => void): void {
    const { driver } = connection
    const task: PoolTask = { home: connection.home, force: () => driver.terminate() }
    this.#tasks.begin(task)
    connection.ended = true
    this.#hooks.close?.(connection)
    const done = (): void => {
      this.#closed++
      ended()
      this.#tasks.end(task)
    }
    if (how === "close") driver.close(done)
    else {
      driver.terminate()
      done()
    }
  }
}
