import { describe, expect, test } from "vitest"
import { crosses, findObstacle } from "../../../src/internal/transport/sendable.ts"

const find = (value: unknown): string => {
  const { path, kind } = findObstacle(value, "args[1]")
  return `${path}: ${kind}`
}

describe("crosses", () => {
  test("takes flat and nested arrays for what they hold, wherever in them the obstacle is", () => {
    const cells: unknown[] = [1, "a", null, undefined, true, 2n, -0, Number.NaN]
    expect(crosses(cells)).toBe(true)
    expect(crosses({ cells, rows: [cells, [new Date(), new Uint8Array(2)]] })).toBe(true)
    // biome-ignore lint/suspicious/noSparseArray: a hole crosses as a hole
    expect(crosses([1, , 2])).toBe(true)
    for (const obstacle of [() => 1, Symbol("s"), new WeakMap(), [() => 1], { f: () => 1 }]) {
      expect(crosses([...cells, obstacle])).toBe(false)
      expect(crosses([obstacle, ...cells])).toBe(false)
      expect(crosses({ cells: [cells, obstacle] })).toBe(false)
    }
  })

  test("follows a cycle of arrays once", () => {
    const cycle: unknown[] = [1]
    cycle.push(cycle)
    expect(crosses(cycle)).toBe(true)
    cycle.push(() => 1)
    expect(crosses(cycle)).toBe(false)
  })
})

describe("findObstacle", () => {
  test("names the path and the kind of what cannot cross", () => {
    expect(find(() => 1)).toBe("args[1]: function")
    expect(find(async () => 1)).toBe("args[1]: async function")
    expect(find(class A {})).toBe("args[1]: class")
    expect(find(Symbol("s"))).toBe("args[1]: symbol")
    expect(find({ user: { onDone: () => 1 } })).toBe("args[1].user.onDone: function")
    expect(find({ user: { onDone: Symbol("s") } })).toBe("args[1].user.onDone: symbol")
    expect(find([1, { "a-b": [new WeakMap()] }])).toBe('args[1][1]["a-b"][0]: WeakMap')
    expect(find({ p: Promise.resolve() })).toBe("args[1].p: Promise")
    expect(find(new Map([["k", () => 1]]))).toBe('args[1].get("k"): function')
    expect(find(new Map([[() => 1, 1]]))).toBe("args[1].keys[0]: function")
    expect(find(new Map([[{ a: 1 }, () => 1]]))).toBe("args[1].values[0]: function")
    expect(find(new Set([1, () => 1]))).toBe("args[1].values[1]: function")
  })

  test("passes over what can be cloned and over cycles", () => {
    const value: Record<string, unknown> = { ok: new Map(), date: new Date(), bytes: new Uint8Array(3) }
    value.self = value
    value.last = new WeakSet()
    expect(find(value)).toBe("args[1].last: WeakSet")
  })

  test("an accessor that throws is where the value cannot be read", () => {
    const bad = {
      get x(): never {
        throw new Error("no")
      },
    }
    expect(find({ a: bad })).toBe("args[1].a.x: property that cannot be read")
  })
})
