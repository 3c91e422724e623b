import { promise } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import { authorCount, authorName, changedEvery, changedTitle, posts, postsEach } from "./graph.ts"
import type { OpenOrm } from "./subject.ts"

interface Loaded {
  readonly id: number
  title: string
  readonly views: number
  readonly authorId: number
}

interface Repository {
  create(data: object): object
  find(options: object): Promise<ReadonlyArray<Loaded>>
  findOneBy(where: object): Promise<Loaded | null>
}

interface DataSource {
  initialize(): Promise<unknown>
  getRepository(entity: unknown): Repository
  transaction(
    body: (manager: { save(entity: unknown, rows: ReadonlyArray<object>): Promise<unknown> }) => Promise<void>,
  ): Promise<void>
  destroy(): Promise<void>
}

interface Modules {
  readonly DataSource: new (options: object) => DataSource
  readonly EntitySchema: new (options: object) => unknown
}

export const openTypeorm: OpenOrm = async (path) => {
  const { DataSource, EntitySchema } = await peer<Modules>("typeorm")
  const { default: driver } = await peer<{ default: unknown }>("better-sqlite3")
  const id = { type: "integer", primary: true, generated: true }
  const Author = new EntitySchema({
    name: "Author",
    tableName: "authors",
    columns: { id, name: { type: "text" } },
  })
  const Post = new EntitySchema({
    name: "Post",
    tableName: "posts",
    columns: {
      id,
      title: { type: "text" },
      views: { type: "integer" },
      authorId: { name: "author_id", type: "integer" },
    },
    relations: { author: { type: "many-to-one", target: "Author", joinColumn: { name: "author_id" } } },
  })
  const source = new DataSource({ type: "better-sqlite3", database: path, driver, entities: [Author, Post] })
  await source.initialize()
  const authorsOf = source.getRepository(Author)
  const postsOf = source.getRepository(Post)
  const all = () => postsOf.find({ order: { id: "ASC" } })
  return {
    insertGraph: () =>
      promise(() =>
        source.transaction(async (manager) => {
          const authors = Array.from({ length: authorCount }, (_, index) =>
            authorsOf.create({ name: authorName(index + 1) }),
          )
          await manager.save(Author, authors)
          await manager.save(
            Post,
            posts.map(({ title, views }, index) =>
              postsOf.create({ title, views, author: authors[Math.floor(index / postsEach)]! }),
            ),
          )
        }),
      ),
    loadPosts: () => promise(all),
    loadPost: (idAt) => promise((index) => postsOf.findOneBy({ id: idAt(index) })),
    changePosts: () =>
      promise((index) =>
        source.transaction(async (manager) => {
          const loaded = await all()
          for (const one of loaded) if (one.id % changedEvery === 0) one.title = changedTitle(one.id, index)
          await manager.save(Post, loaded)
        }),
      ),
    plain: (one) => {
      const { id: key, title, views, authorId } = one as Loaded
      return { id: key, title, views, authorId }
    },
    close: () => source.destroy(),
  }
}
