/** The program of a subject's process: enters one suite as one subject and does what its input says, a line at a time. */
import { createInterface } from "node:readline"
import { CannotTakePart, type Entered, type Part } from "../suite.ts"
import { suiteNamed } from "../suites/index.ts"
import { type Job, mark, type Reply, type Request } from "./protocol.ts"

const job: Job = JSON.parse(process.argv[2]!)
const suite = suiteNamed(job.suite)

let entered: Entered | undefined
let part: Part | undefined

const needed = <A>(value: A | undefined, what: string): A => {
  if (value === undefined) throw new Error(`Asked for ${what} before it was opened`)
  return value
}

const answer = async (request: Request): Promise<unknown> => {
  switch (request.do) {
    case "enter":
      entered = await suite.enter(job.entrant, job.context)
      return undefined
    case "open":
      part = await needed(entered, "a case").open(request.case)
      return undefined
    case "check":
      return needed(part, "a check").check()
    case "warmUp":
      return needed(part, "a warm-up").warmUp(request.ms)
    case "round":
      return needed(part, "a round").round(request.ms)
    case "finish":
      return needed(part, "an end").finish()
    case "close":
      await entered?.close()
      return undefined
  }
}

const messageOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause)
  const inner = cause.cause === undefined ? "" : ` (${messageOf(cause.cause)})`
  return `${cause.message}${inner}`
}

const reply = (value: Reply) =>
  new Promise<void>((resolve) => process.stdout.write(`${mark}${JSON.stringify(value)}\n`, () => resolve()))

// The bench sends one request at a time. When its end of the pipe closes, it is gone, and so is the reason to run.
const requests = createInterface({ input: process.stdin })
requests.on("line", async (line) => {
  const request: Request = JSON.parse(line)
  try {
    await reply({ value: await answer(request) })
  } catch (cause) {
    await reply({ error: messageOf(cause), declined: cause instanceof CannotTakePart })
  }
  if (request.do === "close") process.exit(0)
})
requests.on("close", () => process.exit(0))

// Ending by a signal would skip what is to be done on exit: ending the processes that a subject has started.
process.on("SIGTERM", () => process.exit(143))
