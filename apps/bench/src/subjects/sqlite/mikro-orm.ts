/** MikroORM over better-sqlite3. Each operation has an entity manager of its own, as a request would. */
import { promise } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import { columns, heavySql, type Item } from "../items.ts"
import { type OpenSqlite, tenFrom } from "./subject.ts"

interface Manager {
  fork(): Manager
  findOne(entity: unknown, id: number): Promise<Item | null>
  find(entity: unknown, where: object, options: object): Promise<ReadonlyArray<Item>>
  insert(entity: unknown, row: object): Promise<unknown>
  transactional(body: (manager: Manager) => Promise<void>): Promise<void>
  getConnection(): { execute<A>(sql: string, parameters?: ReadonlyArray<unknown>): Promise<ReadonlyArray<A>> }
}

interface Property {
  primary(): Property
}

interface Modules {
  readonly MikroORM: { init(options: object): Promise<{ readonly em: Manager; close(force: boolean): Promise<void> }> }
  defineEntity(options: object): unknown
  readonly p: Readonly<Record<"integer" | "text" | "double", () => Property>>
}

export const openMikroOrm: OpenSqlite = async ({ path, synchronous }) => {
  const { MikroORM, defineEntity, p } = await peer<Modules>("@mikro-orm/sqlite")
  const entity = (name: string) =>
    defineEntity({
      name,
      tableName: name,
      properties: { id: p.integer().primary(), name: p.text(), email: p.text(), score: p.double(), age: p.integer() },
    })
  const items = entity("items")
  const written = entity("written")
  const orm = await MikroORM.init({ dbName: path, entities: [items, written] })
  const execute = <A>(sql: string, parameters?: ReadonlyArray<unknown>) =>
    orm.em.getConnection().execute<A>(sql, parameters)
  await execute(`PRAGMA synchronous = ${synchronous}`)
  return {
    byId: (idAt) => promise((index) => orm.em.fork().findOne(items, idAt(index))),
    first: (count) => promise(() => orm.em.fork().find(items, {}, { orderBy: { id: "asc" }, limit: count })),
    insert: (rowAt) => promise((index) => orm.em.fork().insert(written, rowAt(index))),
    insertTen: (rowAt) =>
      promise((index) =>
        orm.em.fork().transactional(async (manager) => {
          for (const row of tenFrom(rowAt, index)) await manager.insert(written, row)
        }),
      ),
    heavy: (limit) => promise(async () => (await execute<{ total: number }>(heavySql, [limit]))[0]!.total),
    pragma: async (name) => Object.values((await execute<object>(`PRAGMA ${name}`))[0]!)[0],
    plain: (row) => Object.fromEntries(columns.map((name) => [name, row[name]])),
    close: () => orm.close(true),
  }
}
