/** TypeORM over better-sqlite3: repositories. */
import { promise } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import { heavySql, type Item } from "../items.ts"
import { type OpenSqlite, tenFrom } from "./subject.ts"

interface Repository {
  findOneBy(where: object): Promise<Item | null>
  find(options: object): Promise<ReadonlyArray<Item>>
  insert(row: object): Promise<unknown>
}

interface Manager {
  getRepository(entity: unknown): Repository
}

interface DataSource extends Manager {
  initialize(): Promise<unknown>
  query<A>(sql: string, parameters?: ReadonlyArray<unknown>): Promise<ReadonlyArray<A>>
  transaction(body: (manager: Manager) => Promise<void>): Promise<void>
  destroy(): Promise<void>
}

interface Modules {
  readonly DataSource: new (options: object) => DataSource
  readonly EntitySchema: new (options: object) => unknown
}

export const openTypeorm: OpenSqlite = async ({ path, synchronous }) => {
  const { DataSource, EntitySchema } = await peer<Modules>("typeorm")
  const { default: driver } = await peer<{ default: unknown }>("better-sqlite3")
  const entity = (name: string) =>
    new EntitySchema({
      name,
      tableName: name,
      columns: {
        id: { type: "integer", primary: true, generated: true },
        name: { type: "text" },
        email: { type: "text" },
        score: { type: "real" },
        age: { type: "integer" },
      },
    })
  const items = entity("items")
  const written = entity("written")
  const source = new DataSource({ type: "better-sqlite3", database: path, driver, entities: [items, written] })
  await source.initialize()
  await source.query(`PRAGMA synchronous = ${synchronous}`)
  const read = source.getRepository(items)
  const write = source.getRepository(written)
  return {
    byId: (idAt) => promise((index) => read.findOneBy({ id: idAt(index) })),
    first: (count) => promise(() => read.find({ order: { id: "ASC" }, take: count })),
    insert: (rowAt) => promise((index) => write.insert(rowAt(index))),
    insertTen: (rowAt) =>
      promise((index) =>
        source.transaction(async (manager) => {
          const repository = manager.getRepository(written)
          for (const row of tenFrom(rowAt, index)) await repository.insert(row)
        }),
      ),
    heavy: (limit) => promise(async () => (await source.query<{ total: number }>(heavySql, [limit]))[0]!.total),
    pragma: async (name) => Object.values((await source.query<object>(`PRAGMA ${name}`))[0]!)[0],
    close: () => source.destroy(),
  }
}
