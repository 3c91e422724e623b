import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Inbox } from "../../../src/internal/transport/inbox.ts"
import { layout } from "../../../src/internal/transport/memory.ts"
import { Outbox } from "../../../src/internal/transport/outbox.ts"
import * as Protocol from "../../../src/internal/transport/protocol.ts"
import { maxPayload, RingReader, RingWriter } from "../../../src/internal/transport/ring.ts"

/** An outbox and the inbox that it sends to, with a port that clones as a real one does. */
const open = (capacity: number) => {
  const places = layout({ requests: capacity, responses: 256 })
  const memory = new SharedArrayBuffer(places.bytes)
  const posted: unknown[] = []
  const port: Protocol.Port = { postMessage: (value) => void posted.push(structuredClone(value)) }
  const receive: Protocol.Receive = () => (posted.length === 0 ? undefined : { message: posted.shift() })
  let rings = 0
  let news = 0
  return {
    outbox: new Outbox(new RingWriter(memory, places.requests), port, () => news++),
    inbox: new Inbox(new RingReader(memory, places.requests), receive, () => rings++),
    posted,
    rings: () => rings,
    news: () => news,
  }
}

const take = ({ inbox }: ReturnType<typeof open>): { kind: number; id: number; value: unknown } | undefined => {
  if (!inbox.next() && !(inbox.refresh() && inbox.next())) return undefined
  const message = { kind: inbox.kind, id: inbox.id, value: inbox.value() }
  inbox.release()
  return message
}

/** Any value that structured clone takes: through the codec, in pieces, or over the port. */
const sendable = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
    withObjectString: true,
    withBoxedValues: true,
  }),
  fc.string({ unit: "binary", minLength: 200, maxLength: 3000 }),
  fc.array(fc.oneof(fc.double(), fc.string()), { minLength: 50, maxLength: 300 }),
  fc.constantFrom<unknown>(
    new Map([[1, new Map([["a", { b: [1n] }]])]]),
    new Set([[1], "x"]),
    new Float32Array([1.5]),
    /a+/gi,
  ),
)

describe("outbox and inbox", () => {
  test("every value that structured clone takes arrives, in order, however slow the reader is", () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ op: fc.constant("send" as const), value: sendable }) },
      {
        weight: 2,
        arbitrary: fc.record({ op: fc.constantFrom("take" as const, "flush" as const, "await space" as const) }),
      },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const pair = open(512)
        const sent: unknown[] = []
        let taken = 0
        const expectNext = (): boolean => {
          const message = take(pair)
          if (message === undefined) return false
          expect(message.id).toBe(taken)
          expect(message.value).toStrictEqual(structuredClone(sent[taken]))
          taken++
          return true
        }
        for (const current of steps) {
          if (current.op === "send") {
            pair.outbox.send(Protocol.CALL, sent.length, 0, current.value)
            sent.push(current.value)
          } else if (current.op === "take") expectNext()
          else if (current.op === "flush") pair.outbox.flush()
          else pair.outbox.awaitSpace()
        }
        for (let idle = 0; taken < sent.length && idle < 3; ) {
          pair.outbox.flush()
          // Progress may be pieces only.
          idle = expectNext() || pair.outbox.waiting ? 0 : idle + 1
        }
        expect(taken).toBe(sent.length)
        expect(pair.posted).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  test("messages of every size around the limits of a frame and of a piece arrive whole", () => {
    const limit = maxPayload(1024)
    for (const size of [0, 1, limit - 6, limit - 5, limit - 4, limit, limit + 1, limit * 3, limit * 4 + 3, 100_000]) {
      const pair = open(1024)
      const value = new Uint8Array(size).map((_, index) => index)
      pair.outbox.send(Protocol.CALL, 1, 0, value)
      pair.outbox.send(Protocol.CALL, 2, 0, "after")
      const got: unknown[] = []
      while (got.length < 2) {
        pair.outbox.flush()
        const message = take(pair)
        if (message !== undefined) got.push(message.value)
      }
      expect(got).toStrictEqual([value, "after"])
    }
  })

  test("a value that cannot be cloned throws and sends nothing", () => {
    const pair = open(512)
    expect(() => pair.outbox.send(Protocol.CALL, 1, 0, { f: () => 1 })).toThrow()
    pair.outbox.send(Protocol.CALL, 2, 0, "next")
    pair.outbox.flush()
    expect(take(pair)).toEqual({ kind: Protocol.CALL, id: 2, value: "next" })
    expect(take(pair)).toBeUndefined()
  })

  test("a value is taken as it is when it is sent, also while it waits for space", () => {
    const pair = open(256)
    const value = { n: 1, text: "x".repeat(60) }
    for (let id = 0; id < 5; id++) {
      value.n = id
      pair.outbox.send(Protocol.CALL, id, 0, value)
    }
    expect(pair.outbox.waiting).toBe(true)
    value.n = 99
    for (let id = 0; id < 5; id++) {
      pair.outbox.flush()
      expect(take(pair)?.value).toMatchObject({ n: id })
    }
  })

  test("who waits for space is rung when there is some", () => {
    const pair = open(256)
    for (let id = 0; id < 20; id++) pair.outbox.send(Protocol.CALL, id, 0, "x".repeat(20))
    pair.outbox.flush()
    expect(pair.outbox.awaitSpace()).toBe(false)
    expect(pair.rings()).toBe(0)
    take(pair)
    expect(pair.rings()).toBe(1)
    expect(pair.outbox.flush()).toBe(false)
  })

  test("a part that finds its place while its sender asks for space is shown, or both sides would wait for ever", () => {
    const pair = open(256)
    pair.outbox.send(Protocol.CALL, 1, 0, "x".repeat(1000))
    expect(pair.outbox.flush()).toBe(false)
    const before = pair.news()
    // The reader takes everything and goes to sleep before the writer has asked.
    expect(take(pair)).toBeUndefined()
    expect(pair.outbox.awaitSpace()).toBe(false)
    expect(pair.news()).toBe(before + 1)
    expect(pair.inbox.refresh()).toBe(true)
  })

  test("a message that waits can be withdrawn, and what it left on the port or half in the ring is dropped in its turn", () => {
    const pair = open(256)
    const big = "x".repeat(2000)
    const filler = "x".repeat(96)
    pair.outbox.send(Protocol.CALL, 1, 0, filler)
    pair.outbox.send(Protocol.CALL, 2, 0, filler)
    pair.outbox.send(Protocol.CALL, 3, 0, "plain")
    pair.outbox.send(Protocol.CALL, 4, 0, new ArrayBuffer(3))
    pair.outbox.send(Protocol.CALL, 5, 0, big)
    pair.outbox.send(Protocol.CALL, 6, 0, big)
    pair.outbox.send(Protocol.CALL, 7, 0, Object("last"))
    expect(pair.outbox.withdraw(Protocol.CALL, 1)).toBe(false)
    expect(pair.outbox.withdraw(Protocol.CALL, 3)).toBe(true)
    expect(pair.outbox.withdraw(Protocol.CALL, 3)).toBe(false)
    expect(pair.outbox.withdraw(Protocol.CALL, 4)).toBe(true)
    expect(pair.outbox.withdraw(Protocol.CALL, 6)).toBe(true)
    const got: Array<{ kind: number; id: number }> = []
    while (got.at(-1)?.id !== 7) {
      pair.outbox.flush()
      const message = take(pair)
      if (message === undefined) continue
      got.push({ kind: message.kind, id: message.id })
      // The first pieces of 5 are in the ring by now.
      if (message.id === 4) {
        pair.outbox.flush()
        expect(pair.outbox.withdraw(Protocol.CALL, 5)).toBe(true)
      }
      if (message.id === 7) expect(message.value).toEqual(Object("last"))
    }
    expect(got).toEqual([
      { kind: Protocol.CALL, id: 1 },
      { kind: Protocol.CALL, id: 2 },
      { kind: Protocol.DISCARD, id: 4 },
      { kind: Protocol.DISCARD, id: 5 },
      { kind: Protocol.CALL, id: 7 },
    ])
    expect(pair.posted).toEqual([])
  })
})
