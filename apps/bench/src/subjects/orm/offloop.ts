import "@offloop/driver-sqlite"
import { AsyncSession, asc, createAsyncEngine, type Placement, select } from "@offloop/orm-async"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { effectOperation } from "../../measure/operation.ts"
import { graph, Post, plain } from "./entities.ts"
import { changedEvery, changedTitle } from "./graph.ts"
import type { OpenOrm } from "./subject.ts"

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
      plain,
      close: () => Effect.runPromise(Scope.close(scope, Exit.void)),
    }
  }
