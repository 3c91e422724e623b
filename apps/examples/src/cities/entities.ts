import { Entity, manyToOne } from "@offloop/orm-async"
import { cities, countries, regions } from "./tables.ts"

/** A country. */
export class Country extends Entity(countries) {}

/** A state or province; it belongs to a country. */
export class Region extends Entity(regions, { country: manyToOne(() => Country) }) {}

/** A city; it lies in a region and a country. */
export class City extends Entity(cities, { country: manyToOne(() => Country), region: manyToOne(() => Region) }) {}
