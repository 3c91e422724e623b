/** The objects of the ORM suites: authors, each with posts that belong to them. */
import { DatabaseSync } from "node:sqlite"

export const authorCount = 10
export const postsEach = 100
export const postCount = authorCount * postsEach

export interface Post {
  readonly id: number
  readonly title: string
  readonly views: number
  readonly authorId: number
}

export const authorName = (author: number): string => `Author ${author}`

/** The post with this id in a file of {@link makeGraphFile}: ids are 1 to {@link postCount}, an author's in a row. */
export const post = (id: number): Post => ({
  id,
  title: `Post number ${id}`,
  views: (id * 13) % 997,
  authorId: Math.ceil(id / postsEach),
})

export const posts: ReadonlyArray<Post> = Array.from({ length: postCount }, (_, index) => post(index + 1))

const schema = `CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT NOT NULL, views INTEGER NOT NULL,
  author_id INTEGER NOT NULL REFERENCES authors (id));
CREATE INDEX posts_author ON posts (author_id)`

/** Makes a file with the tables, and with all authors and posts if it is `filled`. */
export const makeGraphFile = (path: string, filled: boolean): void => {
  const database = new DatabaseSync(path)
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; ${schema}; BEGIN`)
  if (filled) {
    const author = database.prepare("INSERT INTO authors (name) VALUES (?)")
    for (let index = 1; index <= authorCount; index++) author.run(authorName(index))
    const insert = database.prepare("INSERT INTO posts (title, views, author_id) VALUES (?, ?, ?)")
    for (const { title, views, authorId } of posts) insert.run(title, views, authorId)
  }
  database.exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")
  database.close()
}

const one = (database: DatabaseSync, sql: string): number => (database.prepare(sql).get() as { value: number }).value

/** The difference between a file and one into which `units` whole graphs were written, if there is one. */
export const auditGraphs = (path: string, units: number): string | undefined => {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const authors = one(database, "SELECT count(*) AS value FROM authors")
    if (authors !== units * authorCount) return `${authors} authors are there where ${units * authorCount} were written`
    const rows = one(database, "SELECT count(*) AS value FROM posts")
    if (rows !== units * postCount) return `${rows} posts are there where ${units * postCount} were written`
    const right = one(
      database,
      `SELECT count(*) AS value FROM posts p JOIN authors a ON a.id = p.author_id
WHERE a.name = 'Author ' || ((CAST(substr(p.title, 13) AS INTEGER) + ${postsEach - 1}) / ${postsEach})`,
    )
    return right === rows ? undefined : `${rows - right} of ${rows} posts belong to another author`
  } finally {
    database.close()
  }
}

/** Every tenth post is changed, so that statements cannot be merged into one. */
export const changedEvery = 10

export const changedTitle = (id: number, round: number): string => `Post number ${id}, edition ${round}`

/** The difference between a file and one whose changed posts were last given the titles of `round`, if there is one. */
export const auditChanges = (path: string, round: number): string | undefined => {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const rows = database.prepare("SELECT id, title FROM posts ORDER BY id").all() as unknown as ReadonlyArray<Post>
    for (const { id, title } of rows) {
      const wanted = id % changedEvery === 0 ? changedTitle(id, round) : post(id).title
      if (title !== wanted) return `post ${id} is ${JSON.stringify(title)} where ${JSON.stringify(wanted)} was written`
    }
    return rows.length === postCount ? undefined : `there are ${rows.length} posts where ${postCount} were`
  } finally {
    database.close()
  }
}
