import "@offloop/driver-sqlite"
import { AsyncSession, asc, createAsyncEngine, type Placement, select } from "@offloop/orm-async/promise"
import { promise } from "../../measure/operation.ts"
import { graph, Post, plain } from "./entities.ts"
import { changedEvery, changedTitle } from "./graph.ts"
import type { OpenOrm } from "./subject.ts"

export const openOffloopPromise =
  (placement: Placement): OpenOrm =>
  async (path) => {
    const engine = await createAsyncEngine(`sqlite:///${path}`, { placement })
    const all = async (session: AsyncSession) => (await session.scalars(select(Post).orderBy(asc(Post.c.id)))).all()
    return {
      insertGraph: () =>
        promise(async () => {
          await using session = await AsyncSession.make(engine)
          session.addAll(graph())
          await session.commit()
        }),
      loadPosts: () =>
        promise(async () => {
          await using session = await AsyncSession.make(engine)
          return await all(session)
        }),
      loadPost: (idAt) =>
        promise(async (index) => {
          await using session = await AsyncSession.make(engine)
          return await session.get(Post, idAt(index))
        }),
      changePosts: () =>
        promise(async (index) => {
          await using session = await AsyncSession.make(engine)
          for (const one of await all(session)) if (one.id % changedEvery === 0) one.title = changedTitle(one.id, index)
          await session.commit()
        }),
      plain,
      close: () => engine[Symbol.asyncDispose]() as Promise<void>,
    }
  }
