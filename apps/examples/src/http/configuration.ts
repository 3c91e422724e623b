import type { Placement } from "@offloop/orm-async"
import * as Config from "effect/Config"
import * as Option from "effect/Option"

/** Everything that the environment decides. */
export interface Configuration {
  readonly databaseUrl: string
  /** Undefined: what suits the driver. */
  readonly placement: Placement | undefined
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** The number of cities that an empty database is filled with; undefined: all. */
  readonly cities: number | undefined
}

const integerFrom = (name: string, least: number, most: number) =>
  Config.integer(name).pipe(
    Config.validate({
      message: `Expected a whole number from ${least} to ${most}`,
      validation: (value) => value >= least && value <= most,
    }),
  )

/**
 * - `DATABASE_URL`: `sqlite:///cities.db` (default) or `postgresql://user:password@host/database`
 * - `PLACEMENT`: `worker` or `inline` (default: what suits the driver)
 * - `HOST` (default 127.0.0.1) and `PORT` (default 3000; 0: any free one)
 * - `CITIES`: how many cities an empty database is filled with (default: all)
 */
export const configuration: Config.Config<Configuration> = Config.all({
  databaseUrl: Config.string("DATABASE_URL").pipe(Config.withDefault("sqlite:///cities.db")),
  placement: Config.map(Config.option(Config.literal("worker", "inline")("PLACEMENT")), Option.getOrUndefined),
  host: Config.string("HOST").pipe(Config.withDefault("127.0.0.1")),
  port: integerFrom("PORT", 0, 65_535).pipe(Config.withDefault(3000)),
  cities: Config.map(Config.option(integerFrom("CITIES", 1, Number.MAX_SAFE_INTEGER)), Option.getOrUndefined),
})
