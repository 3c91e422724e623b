/** A subject of the ORM suites. Each operation has a session or entity manager of its own. */
import type { Operation } from "../../measure/operation.ts"
import type { Post } from "./graph.ts"

export interface OrmSubject {
  /** Writes all authors and posts as new objects, related as objects, in one unit of work. */
  readonly insertGraph: () => Operation<unknown>
  /** All posts, as entities, by id. */
  readonly loadPosts: () => Operation<ReadonlyArray<object>>
  /** One post by its key, as an entity. */
  readonly loadPost: (idAt: (index: number) => number) => Operation<object | null>
  /** Loads all posts, changes the title of every tenth, and saves. */
  readonly changePosts: () => Operation<unknown>
  /** An entity as plain data. */
  readonly plain: (post: object) => Post
  readonly close: () => Promise<void>
}

export type OpenOrm = (path: string) => Promise<OrmSubject>
