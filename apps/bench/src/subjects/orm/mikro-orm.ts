import { promise } from "../../measure/operation.ts"
import { peer } from "../../peers.ts"
import { authorCount, authorName, changedEvery, changedTitle, posts, postsEach } from "./graph.ts"
import type { OpenOrm } from "./subject.ts"

interface Loaded {
  readonly id: number
  title: string
  readonly views: number
  readonly author: { readonly id: number }
}

interface Manager {
  fork(): Manager
  create(entity: unknown, data: object): object
  persist(entities: ReadonlyArray<object>): Manager
  flush(): Promise<void>
  find(entity: unknown, where: object, options: object): Promise<ReadonlyArray<Loaded>>
  findOne(entity: unknown, id: number): Promise<Loaded | null>
}

interface Property {
  primary(): Property
  fieldName(name: string): Property
}

interface Modules {
  readonly MikroORM: { init(options: object): Promise<{ readonly em: Manager; close(force: boolean): Promise<void> }> }
  defineEntity(options: object): unknown
  readonly p: Readonly<Record<"integer" | "text", () => Property>> & { manyToOne(target: unknown): Property }
}

export const openMikroOrm: OpenOrm = async (path) => {
  const { MikroORM, defineEntity, p } = await peer<Modules>("@mikro-orm/sqlite")
  const Author = defineEntity({
    name: "Author",
    tableName: "authors",
    properties: { id: p.integer().primary(), name: p.text() },
  })
  const Post = defineEntity({
    name: "Post",
    tableName: "posts",
    properties: {
      id: p.integer().primary(),
      title: p.text(),
      views: p.integer(),
      author: () => p.manyToOne(Author).fieldName("author_id"),
    },
  })
  const orm = await MikroORM.init({ dbName: path, entities: [Author, Post] })
  const all = (manager: Manager) => manager.find(Post, {}, { orderBy: { id: "asc" } })
  return {
    insertGraph: () =>
      promise(async () => {
        const manager = orm.em.fork()
        const authors = Array.from({ length: authorCount }, (_, index) =>
          manager.create(Author, { name: authorName(index + 1) }),
        )
        const written = posts.map(({ title, views }, index) =>
          manager.create(Post, { title, views, author: authors[Math.floor(index / postsEach)]! }),
        )
        await manager.persist([...authors, ...written]).flush()
      }),
    loadPosts: () => promise(() => all(orm.em.fork())),
    loadPost: (idAt) => promise((index) => orm.em.fork().findOne(Post, idAt(index))),
    changePosts: () =>
      promise(async (index) => {
        const manager = orm.em.fork()
        for (const one of await all(manager)) if (one.id % changedEvery === 0) one.title = changedTitle(one.id, index)
        await manager.flush()
      }),
    plain: (one) => {
      const { id, title, views, author } = one as Loaded
      return { id, title, views, authorId: author.id }
    },
    close: () => orm.close(true),
  }
}
