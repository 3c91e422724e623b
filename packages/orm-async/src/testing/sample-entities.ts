import { type AnyEntityClass, Entity, manyToOne } from "../entity/index.ts"
import { type AnyColumn, literal } from "../expression/index.ts"
import {
  bigint,
  boolean,
  foreignKey,
  integer,
  json,
  numeric,
  primaryKey,
  table,
  text,
  time,
  timestamp,
  uuid,
} from "../schema/index.ts"

/** Classes that the session's contract works with: keys natural, generated and composite, references of every kind. */

export const countries = table("countries", {
  code: text().primaryKey(),
  name: text().unique(),
})

export const regions = table(
  "regions",
  {
    countryCode: text("country_code").references(() => countries.c.code),
    code: text(),
    name: text(),
  },
  (t) => [primaryKey(t.countryCode, t.code)],
)

export const cities = table(
  "cities",
  {
    id: integer().primaryKey(),
    name: text(),
    population: bigint().default(0n),
    capital: boolean().default(false),
    tags: json<ReadonlyArray<string>>().nullable(),
    countryCode: text("country_code").references(() => countries.c.code),
    regionCode: text("region_code").nullable(),
    addedAt: timestamp("added_at").defaultNow(),
  },
  (t) => [foreignKey([t.countryCode, t.regionCode], () => [regions.c.countryCode, regions.c.code])],
)

export class Country extends Entity(countries) {}
export class Region extends Entity(regions, { country: manyToOne(() => Country) }) {}
export class City extends Entity(cities, {
  country: manyToOne(() => Country),
  region: manyToOne(() => Region, { foreignKey: ["countryCode", "regionCode"] }),
}) {
  get label(): string {
    return `${this.name}, ${this.countryCode}`
  }
}

/** Two more classes over the table of the cities: one that extends theirs, and one of its own. */
export class Capital extends City {}
export class Place extends Entity(cities) {}

export const employees = table("employees", {
  id: integer().primaryKey(),
  name: text(),
  managerId: integer("manager_id")
    .nullable()
    .references((): AnyColumn => employees.c.id),
})

/** Refers to its own class. */
export class Employee extends Entity(employees, { manager: manyToOne<Employee>((): AnyEntityClass => Employee) }) {}

export const categories = table("categories", {
  code: text().primaryKey(),
  parentCode: text("parent_code")
    .nullable()
    .references((): AnyColumn => categories.c.code),
})

/** Refers to its own class, by a key that the program gives. */
export class Category extends Entity(categories, { parent: manyToOne<Category>((): AnyEntityClass => Category) }) {}

let changes = 0

/** A class with values that the library and the database fill in on INSERT and UPDATE. */
export const documents = table("documents", {
  id: integer().primaryKey(),
  title: text(),
  revision: integer()
    .default(() => 1)
    .onUpdate(() => ++changes + 1),
  state: text().serverDefault("draft"),
  touched: text().default("new").onUpdate(literal("changed")),
})

export class Document extends Entity(documents) {}

/** A key of values that have several spellings. */
export const readings = table(
  "readings",
  { sensor: uuid(), depth: numeric(10, 2), at: time(), note: text().nullable() },
  (t) => [primaryKey(t.sensor, t.depth, t.at)],
)

export class Reading extends Entity(readings) {}

export const worldTables = [countries, regions, cities, employees, documents, readings, categories] as const
