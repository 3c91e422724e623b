/** Uses of sessions that must compile, and ones that must not. Checked by `tsc`, never run. */
import type * as Effect from "effect/Effect"
import type { AsyncSession } from "../../src/effect/async-session.ts"
import type { AsyncConnection } from "../../src/effect/effect-connection.ts"
import { type AnyEntity, Entity, type EntityClass, type Identity } from "../../src/entity/index.ts"
import type { Column } from "../../src/expression/index.ts"
import { count, eq } from "../../src/expression/index.ts"
import type { RowOf } from "../../src/schema/index.ts"
import type { SessionError } from "../../src/session/index.ts"
import { select } from "../../src/statement/index.ts"
import { City, Country, cities, Employee, Region } from "../entity/world.ts"
import type { Equal } from "../types/equal.ts"

const same = <A, B>(_: Equal<A, B>): void => undefined

declare const session: AsyncSession
declare const connection: AsyncConnection
declare const country: Country
declare const region: Region

export const properties = (city: City, employee: Employee) => {
  same<typeof city.name, string>(true)
  same<typeof city.population, bigint>(true)
  same<typeof city.note, string | null>(true)
  same<typeof city.addedAt, Date>(true)
  same<typeof city.country, Country>(true)
  same<typeof city.region, Region | null>(true)
  same<typeof employee.manager, Employee | null>(true)
  same<typeof city.label, string>(true)
  city.name = "x"
  city.region = null
  // @ts-expect-error the column is text
  city.name = 1
  // @ts-expect-error the foreign key is NOT NULL
  city.country = null
  // @ts-expect-error a city refers to a country
  city.country = city
  // @ts-expect-error there is no such column
  city.nmae
}

export const constructors = () => {
  new Country({ code: "NO", name: "Norway" })
  new City({ name: "Oslo", countryCode: "NO" })
  new City({ name: "Oslo", country })
  new City({ name: "Oslo", country, region: null, note: null, id: 1 })
  // A region of a composite key gives the country's code as well.
  new City({ name: "Oslo", region })
  new Region({ code: "30", name: "Viken", country })
  new Employee({ name: "Ann" })
  new Employee({ name: "Bo", manager: new Employee({ name: "Ann" }) })
  // @ts-expect-error a name is missing
  new Country({ code: "NO" })
  // @ts-expect-error neither the country nor its code is given
  new City({ name: "Oslo" })
  // @ts-expect-error neither the country nor its code is given
  new Region({ code: "30", name: "Viken" })
  // @ts-expect-error the column is text
  new Country({ code: "NO", name: 1 })
  // @ts-expect-error there is no such property
  new Country({ code: "NO", name: "Norway", capital: "Oslo" })
  // @ts-expect-error a city's country is a Country
  new City({ name: "Oslo", country: region })
}

export const queries = () => {
  const whole = session.execute(select(City).where(eq(City.c.name, "Oslo")))
  same<Effect.Effect.Error<typeof whole>, SessionError>(true)
  const rows = (r: Effect.Effect.Success<typeof whole>) => {
    same<ReturnType<typeof r.all>, Array<City>>(true)
    const first = r.scalars().first()
    same<typeof first, City | null>(true)
  }
  const scalars = session.scalars(select(City))
  const values = (r: Effect.Effect.Success<typeof scalars>) => same<ReturnType<typeof r.all>, Array<City>>(true)
  const mixed = session.execute(select({ city: City, n: count() }))
  const objects = (r: Effect.Effect.Success<typeof mixed>) =>
    same<ReturnType<typeof r.all>, Array<{ readonly city: City; readonly n: number }>>(true)
  const names = session.scalars(select(cities.c.name))
  const strings = (r: Effect.Effect.Success<typeof names>) => same<ReturnType<typeof r.all>, Array<string>>(true)
  const outer = session.execute(select({ country: Country, city: City }).from(Country).leftJoin(City))
  const nullable = (r: Effect.Effect.Success<typeof outer>) =>
    same<ReturnType<typeof r.all>, Array<{ readonly country: Country; readonly city: City | null }>>(true)
  // @ts-expect-error entities need a session
  connection.execute(select(City))
  // @ts-expect-error entities need a session
  connection.execute(select({ city: City, n: count() }))
  // A statement over the table is Core's.
  connection.execute(select(cities))
  return [rows, values, objects, strings, nullable]
}

export const lookups = () => {
  const city = session.get(City, 1)
  same<Effect.Effect.Success<typeof city>, City | null>(true)
  const one = session.getOne(Region, { countryCode: "NO", code: "30" })
  same<Effect.Effect.Success<typeof one>, Region>(true)
  session.refresh(region, ["name", "country"])
  session.expire(region, ["name"])
  // @ts-expect-error there is no such property
  session.refresh(region, ["nmae"])
  // @ts-expect-error a table is no entity class
  session.get(cities, 1)
  // @ts-expect-error no property of a region has such a type
  session.get(Region, { countryCode: 1, code: "30" })
}

export const keys = () => {
  session.get(City, { id: 1 })
  same<Identity<City>, number | { readonly id: number }>(true)
  same<Identity<Country>, string | { readonly code: string }>(true)
  same<Identity<Region>, { readonly countryCode: string; readonly code: string }>(true)
  session.identityMap.get(Region, { countryCode: "NO", code: "30" })
  const generic = <E extends AnyEntity>(entity: EntityClass<E>, id: Identity<E>) => session.getOne(entity, id)
  same<Effect.Effect.Success<ReturnType<typeof generic<Country>>>, Country>(true)
  // @ts-expect-error the key is an integer
  session.get(City, "text")
  // @ts-expect-error the key is an integer
  session.get(City, { id: "text" })
  // @ts-expect-error the name is no part of the key
  session.get(Country, { code: "NO", name: "Norway" })
  // @ts-expect-error one value for two columns
  session.get(Region, "30")
  // @ts-expect-error a part of the key is missing
  session.get(Region, { code: "30" })
  // @ts-expect-error no key is null
  session.get(Country, null)
  // @ts-expect-error the key is an integer
  session.identityMap.get(City, "text")
}

export const entities = (city: City) => {
  session.add(city)
  for (const one of session.new) session.expunge(one)
  for (const one of session.identityMap) session.delete(one)
  session.addAll([city, country, region])
  // @ts-expect-error no entity
  session.add({ a: 1 })
  // @ts-expect-error a copy is no entity
  session.add({ ...city })
  // @ts-expect-error no entities
  session.addAll([city, {}])
  // @ts-expect-error no entity
  session.delete({})
  // @ts-expect-error no entity
  session.merge({ id: 1 })
  // @ts-expect-error no entity
  session.refresh({ id: 1 })
  // @ts-expect-error a method is no mapped property
  session.refresh(city, ["toJSON"])
  // @ts-expect-error neither is an accessor of the class
  session.refresh(city, ["label"])
  // @ts-expect-error a method is no mapped property
  session.expire(city, ["toJSON"])
}

export const subqueries = () => {
  const from = select(City).subquery("x")
  same<typeof from.c.name, Column<string, "name", "x">>(true)
  connection.execute(select(from).where(eq(from.c.countryCode, "NO")))
  const rows = session.execute(select(from))
  const plain = (r: Effect.Effect.Success<typeof rows>) =>
    same<ReturnType<typeof r.all>, Array<RowOf<typeof cities>>>(true)
  const tree = select(Employee)
    .cte("tree", { recursive: true })
    .unionAll((self) => select(Employee).join(self, eq(Employee.c.managerId, self.c.id)))
  same<typeof tree.c.id, Column<number, "id", "tree">>(true)
  // @ts-expect-error a method is no column
  from.c.toJSON
  // @ts-expect-error a reference is no column
  from.c.country
  // @ts-expect-error an accessor of the class is no column
  from.c.label
  // @ts-expect-error a method is no column
  tree.c.toJSON
  return plain
}

/** A second class over a table, and a class that extends another. */
export const classes = () => {
  class Capital extends City {}
  class Place extends Entity(cities) {}
  session.get(Capital, 1)
  session.get(Place, 1)
  session.add(new Capital({ name: "Oslo", country }))
  // @ts-expect-error the key is an integer
  session.get(Capital, "text")
}
