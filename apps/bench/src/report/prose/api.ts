import { type Block, type Section, text } from "../content.ts"
import { fourTable } from "./columns.ts"
import { sampleBlock, sampleNames, samples } from "./samples.ts"

/** The names of the four, without the programs that use them. */
export const apiNames: ReadonlyArray<Block> = [
  text(
    "Offloop keeps SQLAlchemy's names and what they mean, in camelCase: who knows one can read the other. No program moves over unchanged, since the language is another one. Inline and worker are one API; the same program runs in both.",
  ),
  fourTable("Names", [
    ["an engine", "`create_async_engine(url)`", "`create_engine(url)`", "`createAsyncEngine(url)`", "the same"],
    [
      "a connection",
      "`async with engine.connect()`",
      "`with engine.connect()`, inside a function that is sent",
      "`await using conn = await engine.connect()`",
      "the same",
    ],
    [
      "a transaction",
      "`async with engine.begin()`",
      "`with engine.begin()`, likewise",
      "`engine.begin(async (conn) => …)`: a disposer is not told whether its block failed, so the block is a function",
      "the same",
    ],
    [
      "a session",
      "`AsyncSession`, or `async_sessionmaker`",
      "`Session`, which must stay with one call",
      "`AsyncSession`, or `asyncSessionMaker`",
      "the same",
    ],
    [
      "rows as they come",
      "`conn.stream()`",
      "none: a loop that fetches, with a hop for each part",
      "`conn.stream()`",
      "the same, with backpressure to the thread",
    ],
    [
      "types of rows",
      "by annotations, for a type checker that knows them",
      "the same",
      "inferred from the table, checked by the compiler",
      "the same",
    ],
    [
      "other styles",
      "the sync API, which this wraps",
      "it is the sync API",
      "Effect, and calls that return their answers",
      "the same; calls that return inside of functions that `runSync` sends",
    ],
  ]),
]

export const api = (): Section => ({
  id: "api",
  title: "API compatibility",
  blocks: [
    ...apiNames,
    text(
      "The programs below do the same and print the same. Ours are run by the tests of this repository on Node, Bun and Deno; adding `?placement=inline` to the URL moves them onto the loop.",
    ),
  ],
  parts: sampleNames.map((name) => ({
    id: `sample-${name}`,
    title: samples[name].title,
    blocks: [sampleBlock(name)],
  })),
})
