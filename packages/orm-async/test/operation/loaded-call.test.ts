import { expect, it } from "vitest"
import { CallbackCall, Immediate } from "../../src/operation/call.ts"
import { LazyModule } from "../../src/operation/loaded-call.ts"
import type { Outcome } from "../../src/operation/outcome.ts"

const five = { value: 5 }

it("loads the module for the first call, and makes later ones of it at once", async () => {
  let loads = 0
  const lazy = new LazyModule(async () => {
    loads++
    return five
  })
  const run = () =>
    new Promise<Outcome<number>>((resolve) => lazy.call(({ value }) => new Immediate(() => value)).start(resolve))
  expect(await run()).toEqual({ ok: true, value: 5 })
  let second: Outcome<number> | undefined
  lazy
    .call(({ value }) => new Immediate(() => value))
    .start((outcome) => {
      second = outcome
    })
  expect([second, loads]).toEqual([{ ok: true, value: 5 }, 1])
})

it("fails with what went wrong with loading, or with making the call", async () => {
  const broken = new Error("broken")
  const fails = (lazy: LazyModule<typeof five>) =>
    new Promise<Outcome<number>>((resolve) =>
      lazy
        .call((): Immediate<number> => {
          throw broken
        })
        .start(resolve),
    )
  expect(await fails(new LazyModule(() => Promise.reject(broken)))).toEqual({ ok: false, error: broken })
  expect(await fails(new LazyModule(async () => five))).toEqual({ ok: false, error: broken })
})

it("begins nothing for a caller that has left while the module was loaded, and hands a later leave on", async () => {
  const loading = Promise.withResolvers<typeof five>()
  const lazy = new LazyModule(() => loading.promise)
  const begun = Promise.withResolvers<void>()
  const log: Array<string> = []
  const make = () =>
    lazy.call(
      () =>
        new CallbackCall<number>(
          () => {
            log.push("begun")
            begun.resolve()
          },
          "stay",
          () => void log.push("left"),
        ),
    )
  const early = make()
  early.start(() => log.push("answered"))
  expect(early.leave()).toBe("gone")
  const late = make()
  late.start(() => log.push("answered"))
  loading.resolve(five)
  await begun.promise
  expect(log).toEqual(["begun"])
  expect(late.leave()).toBe("stay")
  expect(log).toEqual(["begun", "left"])
})
