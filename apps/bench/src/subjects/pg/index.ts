/** The subjects of the PostgreSQL suites. */
import type { Placement } from "@offloop/orm-async"
import type { Entrant } from "../../model.ts"
import type { OpenPg } from "./subject.ts"

interface Opener extends Entrant {
  readonly load: () => Promise<OpenPg>
}

const other = (name: string, peers: ReadonlyArray<string>, load: () => Promise<OpenPg>): Opener => ({
  name,
  ours: false,
  peers,
  load,
})

const ours = (layer: string, placement: Placement, load: () => Promise<OpenPg>): Opener => ({
  name: `offloop ${layer} ${placement}`,
  ours: true,
  peers: [],
  load,
})

const engine = (placement: Placement): Opener =>
  ours("engine", placement, async () => (await import("./offloop-engine.ts")).openEngine(placement))

const core = (placement: Placement): Opener =>
  ours("core", placement, async () => (await import("./offloop.ts")).openCore(placement))

const onlyOnBun = "it is part of Bun"

const openers: ReadonlyArray<Opener> = [
  engine("inline"),
  engine("worker"),
  core("inline"),
  core("worker"),
  other("postgres.js", ["postgres"], async () => (await import("./postgres-js.ts")).openPostgresJs),
  other("pg", ["pg"], async () => (await import("./pg.ts")).openPg),
  other(
    "@effect/sql-pg",
    ["effect", "@effect/sql", "@effect/sql-pg"],
    async () => (await import("./effect-sql.ts")).openEffectSql,
  ),
  other("kysely", ["kysely", "pg"], async () => (await import("./kysely.ts")).openKysely),
  other("drizzle", ["drizzle-orm", "postgres"], async () => (await import("./drizzle.ts")).openDrizzle),
  {
    ...other("Bun.sql", [], async () => (await import("./bun-sql.ts")).openBunSql),
    absent: { node: onlyOnBun, deno: onlyOnBun },
  },
]

export const entrants: ReadonlyArray<Entrant> = openers

export const openerOf = (name: string): Promise<OpenPg> => {
  const opener = openers.find((one) => one.name === name)
  if (opener === undefined) throw new RangeError(`There is no subject "${name}"`)
  return opener.load()
}
