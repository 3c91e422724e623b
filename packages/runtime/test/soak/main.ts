/** Soaks on the runtime that runs this, prints one line, and exits with 1 if something was left or went wrong. */
import { parseArgs } from "node:util"
import { Progress, soak } from "./soak.ts"

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "60" }, seed: { type: "string" }, lose: { type: "string" } },
})
const seconds = Number(values.seconds)
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed)
if (!(seconds > 0) || !Number.isInteger(seed) || ![undefined, "token", "thread"].includes(values.lose)) {
  console.error("usage: soak [--seconds N] [--seed N] [--lose token|thread]")
  process.exit(2)
}
// An operation that never ends would end the program without a word, or never.
const progress = new Progress()
const overdue = setTimeout(
  () => {
    const { rounds, alive, pending } = progress
    const pend = [...pending].join("; ")
    console.error(
      `seed ${seed}: the soak did not end. Round ${rounds}, ${alive} threads and processes, pending: ${pend}`,
    )
    process.exit(1)
  },
  (seconds + 45) * 1000,
)
const lose = values.lose as "token" | "thread" | undefined
const { faults, ...summary } = await soak({ millis: seconds * 1000, seed, lose }, progress)
clearTimeout(overdue)
console.log(JSON.stringify({ ...summary, faults }))
process.exitCode = faults.length === 0 ? 0 : 1
