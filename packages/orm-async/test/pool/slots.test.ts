import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Slots, type SlotsOptions, type Waiter } from "../../src/pool/slots.ts"

interface Client extends Waiter<number, string> {
  readonly id: number
  got: number | undefined
  error: string | undefined
}

/** The state machine with its surroundings: connections are numbers, and everything that it asks for is kept here. */
class World {
  readonly slots: Slots<number, string>
  readonly limit: number
  opening = 0
  readonly closing: Array<number> = []
  readonly borrowed: Array<number> = []
  readonly returning: Array<number> = []
  readonly queue: Array<Client> = []
  readonly idle = new Set<number>()
  #last = 0
  #clients = 0

  constructor(options: SlotsOptions) {
    this.limit = options.size + options.maxOverflow
    this.slots = new Slots<number, string>(options, {
      open: () => {
        this.opening++
      },
      close: (connection) => {
        this.idle.delete(connection)
        this.closing.push(connection)
      },
    })
  }

  acquire(): void {
    const idle = this.slots.take()
    if (idle !== undefined) {
      expect(this.idle.delete(idle)).toBe(true)
      this.borrowed.push(idle)
      return
    }
    const client: Client = {
      id: ++this.#clients,
      got: undefined,
      error: undefined,
      granted: (connection) => {
        this.#served(client)
        client.got = connection
        this.borrowed.push(connection)
      },
      failed: (error) => {
        this.#served(client)
        client.error = error
      },
    }
    this.queue.push(client)
    this.slots.wait(client)
  }

  release(at: number): void {
    const [connection] = this.borrowed.splice(at % Math.max(1, this.borrowed.length), 1)
    if (connection === undefined) return
    this.idle.add(connection)
    this.slots.give(connection)
    if (this.borrowed.includes(connection)) this.idle.delete(connection)
  }

  beginReturn(at: number): void {
    const [connection] = this.borrowed.splice(at % Math.max(1, this.borrowed.length), 1)
    if (connection === undefined) return
    this.returning.push(connection)
    this.slots.returning()
  }

  endReturn(at: number): void {
    const connection = this.returning.shift()
    if (connection === undefined) return
    this.borrowed.push(connection)
    this.slots.returned()
    // Some resets fail.
    if (at % 3 === 0) this.lose(this.borrowed.length - 1)
    else this.release(this.borrowed.length - 1)
  }

  /** Takes an idle connection out of the pool, as one that turned out to be broken. */
  breakIdle(at: number): void {
    const connection = [...this.idle][at % Math.max(1, this.idle.size)]
    if (connection === undefined) return
    expect(this.slots.takeThis(connection)).toBe(true)
    expect(this.slots.takeThis(connection)).toBe(false)
    this.idle.delete(connection)
    this.closing.push(connection)
  }

  lose(at: number): void {
    const [connection] = this.borrowed.splice(at % Math.max(1, this.borrowed.length), 1)
    if (connection !== undefined) this.slots.lost()
  }

  opened(): void {
    if (this.opening === 0) return
    this.opening--
    const connection = ++this.#last
    this.idle.add(connection)
    this.slots.opened(connection)
    if (this.borrowed.includes(connection)) this.idle.delete(connection)
  }

  failed(): void {
    if (this.opening === 0) return
    this.opening--
    this.slots.failed("refused")
  }

  closed(): void {
    if (this.closing.shift() !== undefined) this.slots.lost()
  }

  interrupt(at: number): void {
    const [client] = this.queue.splice(at % Math.max(1, this.queue.length), 1)
    if (client !== undefined) this.slots.cancel(client)
  }

  drain(): void {
    for (const connection of this.slots.takeAllIdle()) {
      expect(this.idle.delete(connection)).toBe(true)
      this.closing.push(connection)
    }
  }

  check(): void {
    const { slots } = this
    expect(slots.connecting).toBe(this.opening)
    expect(slots.idle).toBe(this.idle.size)
    expect(slots.borrowed).toBe(this.borrowed.length + this.returning.length + this.closing.length)
    expect(slots.waiting).toBe(this.queue.length)
    expect(slots.total).toBeLessThanOrEqual(this.limit)
    expect(new Set([...this.borrowed, ...this.returning, ...this.idle, ...this.closing]).size).toBe(
      slots.total - slots.connecting,
    )
    if (slots.waiting > 0) expect(slots.idle).toBe(0)
    // Nobody waits in vain: for each waiter a connection is on its way, or there is no room for one.
    if (slots.waiting > slots.connecting + this.returning.length) expect(slots.total).toBe(this.limit)
  }

  #served(client: Client): void {
    expect(this.queue[0]).toBe(client)
    this.queue.shift()
    expect(client.got ?? client.error).toBeUndefined()
  }
}

const commands = [
  "acquire",
  "release",
  "beginReturn",
  "endReturn",
  "breakIdle",
  "lose",
  "opened",
  "failed",
  "closed",
  "interrupt",
  "drain",
] as const

describe("the pool's slots", () => {
  it("lose none, exceed no limit, and serve in order, whatever happens when", () => {
    const options = fc.record({
      size: fc.integer({ min: 0, max: 3 }),
      maxOverflow: fc.integer({ min: 0, max: 3 }),
      lifo: fc.boolean(),
    })
    const step = fc.tuple(fc.constantFrom(...commands), fc.nat(10))
    fc.assert(
      fc.property(
        options.filter(({ size, maxOverflow }) => size + maxOverflow > 0),
        fc.array(step, { maxLength: 60 }),
        (given, steps) => {
          const world = new World(given)
          for (const [command, at] of steps) {
            world[command](at)
            world.check()
          }
          // Everything under way ends, and everything comes back: then everybody has been served.
          while (world.opening + world.closing.length + world.borrowed.length + world.returning.length > 0) {
            world.endReturn(1)
            world.opened()
            world.closed()
            world.release(0)
            world.check()
          }
          expect(world.queue).toEqual([])
          expect(world.slots.total).toBe(world.slots.idle)
        },
      ),
      { numRuns: 500 },
    )
  })

  it.each([
    [true, 2],
    [false, 1],
  ])("take the connection used last with lifo %s", (lifo, expected) => {
    const world = new World({ size: 2, maxOverflow: 0, lifo })
    world.acquire()
    world.acquire()
    world.opened()
    world.opened()
    world.release(0)
    world.release(0)
    expect(world.slots.take()).toBe(expected)
  })

  it("give a connection that comes back to who waits longest, whoever's wish opened another", () => {
    const world = new World({ size: 1, maxOverflow: 1, lifo: false })
    world.acquire()
    world.opened()
    world.acquire()
    world.acquire()
    const [second, third] = world.queue
    world.release(0)
    expect([second?.got, third?.got]).toEqual([1, undefined])
    world.opened()
    expect(third?.got).toBe(2)
  })

  it("open again for who still waits after opening failed", () => {
    const world = new World({ size: 1, maxOverflow: 0, lifo: false })
    world.acquire()
    world.acquire()
    const [first, second] = world.queue
    world.failed()
    expect([first?.error, second?.error, world.opening]).toEqual(["refused", undefined, 1])
  })
})
