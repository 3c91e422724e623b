import "@offloop/driver-sqlite"
import {
  AsyncSession,
  asc,
  createAsyncEngine,
  Entity,
  integer,
  manyToOne,
  type Placement,
  select,
  table,
  text,
} from "@offloop/orm-async"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { effectOperation } from "../../measure/operation.ts"
import { authorCount, authorName, changedEvery, changedTitle, posts, postsEach } from "./graph.ts"
import type { OpenOrm } from "./subject.ts"

const authorsTable = table("authors", { id: integer().primaryKey(), name: text() })

const postsTable = table("posts", {
  id: integer().primaryKey(),
  title: text(),
  views: integer(),
  authorId: integer("author_id").references(() => authorsTable.c.id),
})

class Author extends Entity(authorsTable) {}
class Post extends Entity(postsTable, { author: manyToOne(() => Author) }) {}

const graph = (): ReadonlyArray<Author | Post> => {
  const authors = Array.from({ length: authorCount }, (_, index) => new Author({ name: authorName(index + 1) }))
  const written = posts.map(
    ({ title, views }, index) => new Post({ title, views, author: authors[Math.floor(index / postsEach)]! }),
  )
  return [...authors, ...written]
}

export const openOffloop =
  (placement: Placement): OpenOrm =>
  async (path) => {
    const scope = await Effect.runPromise(Scope.make())
    const engine = await Effect.runPromise(
      createAsyncEngine(`sqlite:///${path}`, { placement }).pipe(Scope.extend(scope)),
    )
    const inSession = <A, E>(use: (session: AsyncSession) => Effect.Effect<A, E>) =>
      Effect.scoped(Effect.flatMap(AsyncSession.make(engine), use))
    const all = (session: AsyncSession) =>
      Effect.map(session.scalars(select(Post).orderBy(asc(Post.c.id))), (result) => result.all())
    return {
      insertGraph: () =>
        effectOperation(Effect, () =>
          inSession((session) => {
            session.addAll(graph())
            return session.commit
          }),
        ),
      loadPosts: () => effectOperation(Effect, () => inSession(all)),
      loadPost: (idAt) => effectOperation(Effect, (index) => inSession((session) => session.get(Post, idAt(index)))),
      changePosts: () =>
        effectOperation(Effect, (index) =>
          inSession((session) =>
            Effect.flatMap(all(session), (loaded) => {
              for (const one of loaded) if (one.id % changedEvery === 0) one.title = changedTitle(one.id, index)
              return session.commit
            }),
          ),
        ),
      plain: (one) => {
        const { id, title, views, authorId } = one as Post
        return { id, title, views, authorId }
      },
      close: () => Effect.runPromise(Scope.close(scope, Exit.void)),
    }
  }
