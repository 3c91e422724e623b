import { alias, and, count, desc, ge, lt, ne, select, sql, sum } from "@offloop/orm-async"
import { cities } from "./tables.ts"

/** Cities nearer than this to each other are neighbours. */
export const neighbourhoodKm = 100

const here = alias(cities, "here")
const there = alias(cities, "there")

/** Kilometres over a sphere between two cities (haversine). */
const distanceKm = sql<number>`12742 * asin(sqrt(
  power(sin(radians(${there.c.latitude} - ${here.c.latitude}) / 2), 2)
  + cos(radians(${here.c.latitude})) * cos(radians(${there.c.latitude}))
  * power(sin(radians(${there.c.longitude} - ${here.c.longitude}) / 2), 2)))`

/**
 * The ten countries whose cities have most people close by: for each city of at least `minPopulation`, all other such
 * cities within 100 km. Every pair's distance is computed, so the work grows with the square of their number: the kind
 * of query that keeps a database busy for a second.
 */
export const crowding = (minPopulation: number) =>
  select(here.c.countryCode, count().as("neighbours"), sum(there.c.population).as("peopleNearby"))
    .from(here)
    .join(there, and(ne(there.c.id, here.c.id), lt(distanceKm, neighbourhoodKm)))
    .where(ge(here.c.population, minPopulation), ge(there.c.population, minPopulation))
    .groupBy(here.c.countryCode)
    .orderBy(desc("peopleNearby"), here.c.countryCode)
    .limit(10)

/** The population of the city at `rank` (from 1): the least that `crowding` takes to compare that many cities. */
export const populationAtRank = (rank: number) =>
  select(cities.c.population)
    .orderBy(desc(cities.c.population))
    .limit(1)
    .offset(rank - 1)
