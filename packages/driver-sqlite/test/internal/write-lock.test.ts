import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { returnFile, shareFile } from "../../src/internal/shared-files.ts"
import { WriteLock } from "../../src/internal/write-lock.ts"

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
    const lock = shareFile("/one.db")
    expect(shareFile("/one.db")).toBe(lock)
    expect(shareFile("/other.db")).not.toBe(lock)
    returnFile("/one.db")
    expect(shareFile("/one.db")).toBe(lock)
    returnFile("/one.db")
    returnFile("/one.db")
    returnFile("/other.db")
    const fresh = shareFile("/one.db")
    expect(fresh).not.toBe(lock)
    returnFile("/one.db")
  })
})
