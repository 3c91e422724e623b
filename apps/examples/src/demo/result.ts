import * as Schema from "effect/Schema"

const Delay = Schema.Struct({ p50: Schema.Number, p99: Schema.Number, max: Schema.Number })
const both = <A, I>(schema: Schema.Schema<A, I>) => Schema.Struct({ inline: schema, worker: schema })

/** The facts of one run on one runtime, as `--json` prints them. */
export const DemoResult = Schema.Struct({
  runtime: Schema.Literal("node", "bun", "deno"),
  /** The URL, its password hidden. */
  database: Schema.String,
  /** Cities in the database after loading. */
  rows: Schema.Int,
  /** Creating objects, flushing them and committing, in milliseconds. */
  loadMs: Schema.Number,
  /** The delays of the loop's timer while the queries ran, in milliseconds. */
  loopDelayMs: both(Delay),
  /** Small queries per second, from the moment they were asked, together with the aggregate, to the last answer. */
  queriesPerSecond: both(Schema.Number),
})
export type DemoResult = typeof DemoResult.Type

/** Reads what a run in another process printed. */
export const parseDemoResult = Schema.decodeUnknown(Schema.parseJson(DemoResult))
