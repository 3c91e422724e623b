import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { AsyncSession } from "../effect/async-session.ts"
import type { SessionError, SessionOptions } from "../session/index.ts"
import { createAll, type Executable } from "../statement/index.ts"
import type { TestEnv } from "./contract.ts"
import { City, Country, Region, worldTables } from "./sample-entities.ts"

/** Runs a program with a session on a database that has the sample tables. */
export const withSession =
  <A, E>(
    program: (session: AsyncSession, env: TestEnv) => Effect.Effect<A, E, Scope.Scope>,
    options: SessionOptions = {},
  ): ((env: TestEnv) => Effect.Effect<A, unknown, Scope.Scope>) =>
  (env) =>
    Effect.gen(function* () {
      yield* env.engine.begin((conn) => conn.execute(createAll(worldTables)))
      return yield* Effect.scoped(
        Effect.flatMap(AsyncSession.make(env.engine, options), (session) => program(session, env)),
      )
    })

/** Some objects that refer to each other, none of them in a session. */
export const makeNorway = () => {
  const norway = new Country({ code: "NO", name: "Norway" })
  const viken = new Region({ country: norway, code: "30", name: "Viken" })
  const oslo = new City({ name: "Oslo", country: norway, capital: true, population: 709_037n })
  const drammen = new City({ name: "Drammen", region: viken })
  return { norway, viken, oslo, drammen }
}

/** Adds Norway and commits. */
export const commitNorway = (session: AsyncSession) =>
  Effect.gen(function* () {
    const world = makeNorway()
    session.addAll([world.drammen, world.oslo])
    yield* session.commit
    return world
  })

/** Reads what another connection sees, after it has been committed. */
export const committed = <Row>(
  { engine }: TestEnv,
  statement: Executable<Row>,
): Effect.Effect<Array<Row>, SessionError> =>
  engine.begin((conn) => Effect.map(conn.execute(statement), (result) => result.all()))
