/**
 * Runs statements that are all different, and large, in a worker, and prints by how many megabytes the program has grown:
 * `many-statements.ts <path> <count>`.
 */
import { connect } from "../connections.ts"

const [, , path = ":memory:", count = "0"] = process.argv
/** Values of one statement. */
const values = 10_000

const conn = await connect(path, "worker", { statement_cache_size: 4 })
const run = async (from: number, to: number): Promise<void> => {
  for (let n = from; n < to; n++) {
    const { cells } = await conn.run(
      `SELECT ${n} WHERE ${n} IN (${"?,".repeat(values)}?)`,
      new Array(values + 1).fill(n),
    )
    if (cells[0] !== n) throw new Error(`the answer was ${cells}`)
  }
}
const megabytes = (): number => process.memoryUsage.rss() / 2 ** 20

await run(0, 20)
const before = megabytes()
await run(20, 20 + Number(count))
console.log(Math.round(megabytes() - before))
await conn.close()
