/** The subjects of the SQLite suites. */
import type { Placement } from "@offloop/orm-async"
import type { Entrant } from "../../model.ts"
import type { OpenSqlite } from "./subject.ts"

/** Ways of using Offloop. */
export type Layer = "driver" | "engine" | "core" | "promise" | "session" | "session promise"

interface Opener extends Entrant {
  /** Of ours alone. */
  readonly layer?: Layer
  readonly load: () => Promise<OpenSqlite>
}

const blocking = () => import("./blocking.ts")

const other = (name: string, peers: ReadonlyArray<string>, load: () => Promise<OpenSqlite>): Opener => ({
  name,
  ours: false,
  peers,
  load,
})

const ours = (layer: Layer, load: (placement: Placement) => Promise<OpenSqlite>): ReadonlyArray<Opener> =>
  (["worker", "inline"] as const).map((placement) => ({
    name: `offloop ${layer} ${placement}`,
    ours: true,
    peers: [],
    layer,
    load: () => load(placement),
  }))

const onlyOnBun = "it is part of Bun"

const openers: ReadonlyArray<Opener> = [
  ...ours("driver", async (placement) => (await import("./offloop-driver.ts")).openDriver(placement)),
  ...ours("engine", async (placement) => (await import("./offloop-engine.ts")).openEngine(placement)),
  ...ours("core", async (placement) => (await import("./offloop-core.ts")).openCore(placement)),
  ...ours("promise", async (placement) => (await import("./offloop-promise.ts")).openPromise(placement)),
  ...ours("session", async (placement) => (await import("./offloop-session.ts")).openSession(placement)),
  ...ours("session promise", async (placement) =>
    (await import("./offloop-promise-session.ts")).openPromiseSession(placement),
  ),
  other("better-sqlite3", ["better-sqlite3"], async () => (await blocking()).openBetterSqlite3),
  other("node:sqlite", [], async () => (await blocking()).openNodeSqlite),
  {
    ...other("bun:sqlite", [], async () => (await blocking()).openBunSqlite),
    absent: { node: onlyOnBun, deno: onlyOnBun },
  },
  other("libsql", ["libsql"], async () => (await blocking()).openLibsql),
  other("sqlite3", ["sqlite3"], async () => (await import("./sqlite3.ts")).openSqlite3),
  other(
    "@effect/sql-sqlite-node",
    ["effect", "@effect/sql", "@effect/sql-sqlite-node"],
    async () => (await import("./effect-sql.ts")).openEffectSql,
  ),
  other("kysely", ["kysely", "better-sqlite3"], async () => (await import("./kysely.ts")).openKysely),
  other("drizzle", ["drizzle-orm", "better-sqlite3"], async () => (await import("./drizzle.ts")).openDrizzle),
  other(
    "mikro-orm",
    ["@mikro-orm/core", "@mikro-orm/sqlite"],
    async () => (await import("./mikro-orm.ts")).openMikroOrm,
  ),
  other("typeorm", ["typeorm", "better-sqlite3"], async () => (await import("./typeorm.ts")).openTypeorm),
]

export const entrants: ReadonlyArray<Entrant> = openers

/** All others, and those of ours that a suite is about: each subject more makes a run longer. */
export const entrantsBeside = (...layers: ReadonlyArray<Layer>): ReadonlyArray<Entrant> =>
  openers.filter(({ layer }) => layer === undefined || layers.includes(layer))

export const openerOf = (name: string): Promise<OpenSqlite> => {
  const opener = openers.find((one) => one.name === name)
  if (opener === undefined) throw new RangeError(`There is no subject "${name}"`)
  return opener.load()
}
