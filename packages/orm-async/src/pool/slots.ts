/** The limits of a pool, and the order in which idle connections are taken. */
export interface SlotsOptions {
  /** Connections kept open when nobody uses them. */
  readonly size: number
  /** Connections beyond `size` that may be open at once. */
  readonly maxOverflow: number
  /** Take the idle connection that was used last, so that the others can grow old. */
  readonly lifo: boolean
}

/** The actions that the state machine asks of its surroundings. Neither may throw. */
export interface SlotsActions<C> {
  /** Open a connection; answered by `opened` or `failed`, at once or later. */
  readonly open: () => void
  /** Close a connection that is one too many; answered by `lost`. */
  readonly close: (connection: C) => void
}

/** Somebody who waits for a connection. Told at most once. */
export interface Waiter<C, E> {
  granted(connection: C): void
  failed(error: E): void
}

/**
 * The thing that a caller waits for: a connection that is being opened because of it, one that comes back in a moment, or any that
 * comes back at all.
 */
export type Prospect = "opening" | "returning" | "full"

/**
 * The pool's state machine: who has a slot, who waits for one. Synchronous, without I/O, clocks or Effect.
 *
 * A slot is a place for one connection. It is taken from the moment that opening begins until the connection is
 * closed, so that there are never more than `size + maxOverflow` connections, those that come and go included. Every slot
 * is connecting, idle or borrowed; a borrowed one that is being reset or closed counts as borrowed.
 *
 * - A waiter never waits while there is room, unless a connection is about to come back: `wait` opens one if it may.
 * - Connections go to waiters in the order in which they came, whoever's wish opened them.
 * - While somebody waits, nothing is idle.
 */
export class Slots<C, E> {
  readonly #options: SlotsOptions
  readonly #actions: SlotsActions<C>
  readonly #idle: Array<C> = []
  // Insertion order is the order of service, and leaving early costs nothing.
  readonly #waiting = new Set<Waiter<C, E>>()
  #connecting = 0
  #borrowed = 0
  #returning = 0

  constructor(options: SlotsOptions, actions: SlotsActions<C>) {
    this.#options = options
    this.#actions = actions
  }

  get idle(): number {
    return this.#idle.length
  }

  get borrowed(): number {
    return this.#borrowed
  }

  get connecting(): number {
    return this.#connecting
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Slots in use. */
  get total(): number {
    return this.#connecting + this.#borrowed + this.#idle.length
  }

  /** How many connections are being opened or may be opened, beyond those that are there. */
  get prospects(): number {
    const { size, maxOverflow } = this.#options
    return size + maxOverflow - this.#borrowed - this.#idle.length
  }

  /** There is room for no other connection. */
  get isFull(): boolean {
    const { size, maxOverflow } = this.#options
    return this.total >= size + maxOverflow
  }

  /** An idle connection, if there is one. */
  take(): C | undefined {
    const connection = this.#options.lifo ? this.#idle.pop() : this.#idle.shift()
    if (connection !== undefined) this.#borrowed++
    return connection
  }

  /** The idle connection that was used last, if there is one. */
  takeNewest(): C | undefined {
    const connection = this.#idle.pop()
    if (connection !== undefined) this.#borrowed++
    return connection
  }

  /** Takes out a connection if it is idle; it counts as borrowed then. Says whether it was. */
  takeThis(connection: C): boolean {
    const at = this.#idle.indexOf(connection)
    if (at < 0) return false
    this.#idle.splice(at, 1)
    this.#borrowed++
    return true
  }

  /** Queues a waiter. The answer says what it waits for. */
  wait(waiter: Waiter<C, E>): Prospect {
    this.#waiting.add(waiter)
    if (this.#openIfNeeded()) return "opening"
    return this.#waiting.size <= this.#connecting + this.#returning ? "returning" : "full"
  }

  /** Takes a waiter out of the queue. What is being opened because of it is kept for others. */
  cancel(waiter: Waiter<C, E>): void {
    this.#waiting.delete(waiter)
  }

  /** A borrowed connection will be back at once: who begins to wait now waits for it instead of opening another. */
  returning(): void {
    this.#returning++
  }

  /** Ends what {@link returning} has announced: `give` or `lost` follows, or it takes longer than was thought. */
  returned(): void {
    this.#returning--
  }

  /** A connection that was {@link returning} does not come back soon: whoever waits for it gets another if there is room. */
  delayed(): void {
    this.#returning--
    while (this.#openIfNeeded()) {}
  }

  /** A borrowed connection is back and may be used again. */
  give(connection: C): void {
    const waiter = this.#nextWaiter()
    if (waiter !== undefined) {
      waiter.granted(connection)
    } else if (this.#idle.length >= this.#options.size) {
      this.#actions.close(connection)
    } else {
      this.#borrowed--
      this.#idle.push(connection)
    }
  }

  /** A borrowed connection is closed: its slot is free. */
  lost(): void {
    this.#borrowed--
    this.#openIfNeeded()
  }

  /** A connection that was to be opened is open. */
  opened(connection: C): void {
    this.#connecting--
    this.#borrowed++
    this.give(connection)
  }

  /** A connection could not be opened: whoever waits longest is told. */
  failed(error: E): void {
    this.#connecting--
    this.#nextWaiter()?.failed(error)
    this.#openIfNeeded()
  }

  /** Takes out all idle connections; they count as borrowed until `lost` is said of each. */
  takeAllIdle(): Array<C> {
    const connections = this.#idle.splice(0)
    this.#borrowed += connections.length
    return connections
  }

  /** Takes out all waiters, in order. */
  takeAllWaiting(): Array<Waiter<C, E>> {
    const waiters = [...this.#waiting]
    this.#waiting.clear()
    return waiters
  }

  #nextWaiter(): Waiter<C, E> | undefined {
    for (const waiter of this.#waiting) {
      this.#waiting.delete(waiter)
      return waiter
    }
    return undefined
  }

  #openIfNeeded(): boolean {
    if (this.#waiting.size <= this.#connecting + this.#returning || this.isFull) return false
    this.#connecting++
    this.#actions.open()
    return true
  }
}
