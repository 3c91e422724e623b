import type { AsyncSession } from "@offloop/orm-async"
import * as Effect from "effect/Effect"
import { City, Country, Region } from "./entities.ts"
import type { CityRecord, CountryRecord, RegionRecord, World } from "./world.ts"

/** Cities that are made and flushed at a time: few enough that the loop stays free and the progress lively. */
const chunkSize = 2_000

interface Atlas {
  readonly countries: ReadonlyMap<CountryRecord, Country>
  readonly regions: ReadonlyMap<RegionRecord, Region>
}

const found = <K, V>(map: ReadonlyMap<K, V>, key: K): V => {
  const value = map.get(key)
  if (value === undefined) throw new Error(`The data set refers to ${JSON.stringify(key)}, which is not in it.`)
  return value
}

/** Objects for countries and regions, related to each other; a region gets its id and its country's code on flush. */
const makeAtlas = (world: World): Atlas => {
  const countries = new Map(world.countries.map((record) => [record, new Country(record)]))
  const regions = new Map(
    world.regions.map((record) => [
      record,
      new Region({ code: record.code, country: found(countries, record.country) }),
    ]),
  )
  return { countries, regions }
}

const makeCity = ({ region, ...columns }: CityRecord, atlas: Atlas): City =>
  new City({ ...columns, region: found(atlas.regions, region), country: found(atlas.countries, region.country) })

/**
 * Writes the world through a session: objects with their relations, from which the session finds the order and the
 * foreign keys. Everything is in the session's transaction, so that whoever commits it writes all or nothing.
 *
 * @param report is told how many cities were written so far, after each chunk
 */
export const loadWorld = (session: AsyncSession, world: World, report: (cities: number) => void) =>
  Effect.gen(function* () {
    const atlas = makeAtlas(world)
    session.addAll([...atlas.countries.values(), ...atlas.regions.values()])
    yield* session.flush
    for (let from = 0; from < world.cities.length; from += chunkSize) {
      const chunk = world.cities.slice(from, from + chunkSize).map((record) => makeCity(record, atlas))
      session.addAll(chunk)
      yield* session.flush
      // Written: the session need not keep 135,233 objects to tell what changed in them.
      for (const city of chunk) session.expunge(city)
      report(from + chunk.length)
    }
  })
