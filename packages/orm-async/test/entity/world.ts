import { Entity } from "../../src/entity/entity.ts"
import { type AnyEntityClass, manyToOne } from "../../src/entity/many-to-one.ts"
import type { AnyColumn } from "../../src/expression/index.ts"
import { bigint, boolean, foreignKey, integer, primaryKey, table, text, timestamp } from "../../src/schema/index.ts"

/** Countries, regions with a composite key, and cities: natural and generated keys, optional and required references. */
export const countries = table("countries", {
  code: text().primaryKey(),
  name: text(),
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
    note: text().nullable(),
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
    return `${this.name} (${this.countryCode})`
  }
}

/** A table that refers to itself, with a generated key. */
export const employees = table("employees", {
  id: integer().primaryKey(),
  name: text(),
  managerId: integer("manager_id")
    .nullable()
    .references((): AnyColumn => employees.c.id),
})

export class Employee extends Entity(employees, { manager: manyToOne<Employee>((): AnyEntityClass => Employee) }) {}
