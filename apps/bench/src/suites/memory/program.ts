/** Tells how much more memory the process has for each further worker that has answered once and is idle. */
import { setTimeout as sleep } from "node:timers/promises"
import { report } from "../../process/once.ts"
import { openPool } from "../../subjects/hop/index.ts"
import type { HopPool } from "../../subjects/hop/pool.ts"

/** The first worker brings what all of them share; it is not counted. */
const further = 4
const settleMs = 150

// A pool may let its idle worker go without keeping the program, which then ends before it has asked.
setInterval(() => undefined, 60_000)

const [subject] = process.argv.slice(2)
const pools: Array<HopPool> = []
const open = async () => {
  const pool = await openPool(subject!)
  // On Deno, tinypool loses a call that comes before its worker is up.
  await sleep(settleMs)
  await pool.task("empty", undefined).run(0)
  pools.push(pool)
}
const residentBytes = async (): Promise<number> => {
  await sleep(settleMs)
  return process.memoryUsage.rss()
}

await open()
const before = await residentBytes()
for (let count = 0; count < further; count++) await open()
const after = await residentBytes()
report({ workers: pools.length, mebibytesEach: (after - before) / further / 2 ** 20 })
await Promise.all(pools.map((pool) => pool.close()))
process.exit(0)
