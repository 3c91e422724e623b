/** Targets of calls to workers, and of workers. */
import { type RatioTarget, ratio } from "./target.ts"

/** Every case of the hop suite that the bare channel takes part in. */
const bareCases = [
  "sequential",
  "64 in flight",
  "1 KiB each way",
  "100 KiB each way",
  "1,000 rows",
  "stream of 100,000 items",
]

/** Compared with subjects that are called for promises, as they are; the Effect API beside it has to do as well. */
const promises = "offloop promise"

export const neverSlowerThanBare = (["bun", "deno"] as const).flatMap((runtime) =>
  bareCases.map(
    (name): RatioTarget => ({
      ...ratio("hop", name, promises, "postMessage", 1, `never slower than bare postMessage: ${name}`),
      runtime,
    }),
  ),
)

export const calls: ReadonlyArray<RatioTarget> = [
  ...([promises, "offloop"] as const).flatMap((ours) => {
    const by = ours === promises ? "Promise API" : "Effect API"
    return [
      ratio("hop", "sequential", ours, "piscina", 5, `${by}: sequential calls at least 5 times as fast as piscina's`),
      ratio(
        "hop",
        "sequential",
        ours,
        "shared memory",
        1 / 1.5,
        `${by}: sequential calls within 1.5 times the bare shared-memory round trip`,
      ),
      ratio(
        "hop",
        "64 in flight",
        ours,
        "piscina",
        15,
        `${by}: 64 calls in flight at least 15 times as fast as piscina's`,
      ),
      ratio("hop", "64 in flight", ours, "postMessage", 1, `${by}: 64 calls in flight faster than bare postMessage`),
    ]
  }),
  ...(["sequential", "64 in flight"] as const).map((name) =>
    ratio(
      "hop",
      name,
      "offloop resident among 1,000",
      "offloop resident",
      0.95,
      `1,000 idle residents beside it cost a call nothing that can be measured: ${name}`,
    ),
  ),
]

export const memory: ReadonlyArray<RatioTarget> = [
  ratio(
    "memory",
    "an idle worker",
    "offloop resident",
    "postMessage",
    1 / 1.15,
    "an idle worker: at most 1.15 times the memory of a bare one",
  ),
]
