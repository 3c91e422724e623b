/** The entities of the ORM suites, as ours declares them: the same in each style. */
import { Entity, integer, manyToOne, table, text } from "@offloop/orm-async/promise"
import { authorCount, authorName, posts, postsEach, type Post as StoredPost } from "./graph.ts"

const authorsTable = table("authors", { id: integer().primaryKey(), name: text() })

const postsTable = table("posts", {
  id: integer().primaryKey(),
  title: text(),
  views: integer(),
  authorId: integer("author_id").references(() => authorsTable.c.id),
})

export class Author extends Entity(authorsTable) {}
export class Post extends Entity(postsTable, { author: manyToOne(() => Author) }) {}

/** All authors and posts as new objects. */
export const graph = (): ReadonlyArray<Author | Post> => {
  const authors = Array.from({ length: authorCount }, (_, index) => new Author({ name: authorName(index + 1) }))
  const written = posts.map(
    ({ title, views }, index) => new Post({ title, views, author: authors[Math.floor(index / postsEach)]! }),
  )
  return [...authors, ...written]
}

export const plain = (one: object): StoredPost => {
  const { id, title, views, authorId } = one as Post
  return { id, title, views, authorId }
}
