import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { WriteLock } from "../../src/internal/write-lock.ts"
import { returnWriteLock, shareWriteLock } from "../../src/internal/write-locks.ts"

describe("WriteLock", () => {
  it("is given to one owner at a time, who may ask again", () => {
    const lock = new WriteLock()
    const [first, second] = [{}, {}]
    expect(lock.tryAcquire(first)).toBe(true)
    expect(lock.tryAcquire(first)).toBe(true)
    expect(lock.tryAcquire(second)).toBe(false)
  })

  it("cannot be released by anybody else", () => {
    const lock = new WriteLock()
    const [first, second] = [{}, {}]
    lock.tryAcquire(first)
    lock.release(second)
    expect(lock.isHeldBy(first)).toBe(true)
  })

  it("is never overtaken, and skips those who left the line", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 20 }), (leaves) => {
        const lock = new WriteLock()
        const granted: Array<number> = []
        const first = {}
        lock.tryAcquire(first)
        const owners = leaves.map(() => ({}))
        const leave = owners.map((owner, index) => lock.wait(owner, () => granted.push(index)))
        leaves.forEach((left, index) => {
          if (left) leave[index]?.()
        })
        lock.release(first)
        for (const owner of owners) lock.release(owner)
        expect(granted).toEqual(leaves.flatMap((left, index) => (left ? [] : [index])))
        expect(lock.tryAcquire(first)).toBe(true)
      }),
    )
  })

  it("is shared by connections of one file and forgotten after the last", () => {
    const lock = shareWriteLock("/one.db")
    expect(shareWriteLock("/one.db")).toBe(lock)
    expect(shareWriteLock("/other.db")).not.toBe(lock)
    returnWriteLock("/one.db")
    expect(shareWriteLock("/one.db")).toBe(lock)
    returnWriteLock("/one.db")
    returnWriteLock("/one.db")
    returnWriteLock("/other.db")
    const fresh = shareWriteLock("/one.db")
    expect(fresh).not.toBe(lock)
    returnWriteLock("/one.db")
  })
})
