import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { AsyncEngine as EffectEngine } from "../effect/async-engine.ts"
import { AsyncSession, asyncSessionMaker as effectSessions } from "../effect/async-session.ts"
import { Entity } from "../entity/entity.ts"
import { asyncSessionMaker as promiseSessions } from "../promise/async-session.ts"
import type { AsyncEngine as PromiseEngine } from "../promise/promise-engine.ts"
import { integer, table, text } from "../schema/index.ts"
import { insert, select } from "../statement/index.ts"

/** The table that works read and write. Rows of numbers above 0 are theirs. */
export const numbers = table("numbers", { n: integer().primaryKey(), note: text() })

class Numbered extends Entity(numbers) {}

const entity = (n: number): Numbered => new Numbered({ n, note: "new" })

/** The works of a program with an engine, in both styles, so that it can be left at any of its steps. */
export interface Work {
  readonly name: string
  /** The number of rows that it has written when it succeeds; when it does not, it has written none. */
  readonly rows: number
  /** Its rows may also stay when its caller has left. */
  readonly endsByItself?: true
  readonly inEffect: (engine: EffectEngine) => Effect.Effect<unknown, unknown>
  /** Every call takes the options. */
  readonly inPromises: (engine: PromiseEngine, options: { readonly signal: AbortSignal }) => Promise<unknown>
}

const row = (n: number) => insert(numbers).values({ n, note: "new" })
const twoRows = [
  { n: 1, note: "new" },
  { n: 2, note: "new" },
]
const rows = select(numbers)
const byTwo = { executionOptions: { yieldPer: 2 } }

const mine = new Error("mine")
const failing = (_: unknown): never => {
  throw mine
}
const ignoringMine = (error: unknown): void => {
  if (error !== mine) throw error
}

/** Calls of every kind. */
export const works: ReadonlyArray<Work> = [
  {
    name: "a connection",
    rows: 0,
    inEffect: (engine) => Effect.scoped(engine.connect),
    inPromises: async (engine, options) => {
      await using _conn = await engine.connect(options)
    },
  },
  {
    name: "statements and commit",
    rows: 2,
    inEffect: (engine) =>
      Effect.scoped(
        Effect.gen(function* () {
          const conn = yield* engine.connect
          yield* conn.execute(rows)
          yield* conn.execute(insert(numbers), twoRows)
          yield* conn.commit
        }),
      ),
    inPromises: async (engine, options) => {
      await using conn = await engine.connect(options)
      await conn.execute(rows, undefined, options)
      await conn.execute(insert(numbers), twoRows, options)
      await conn.commit(options)
    },
  },
  {
    name: "a statement and rollback",
    rows: 0,
    inEffect: (engine) =>
      Effect.scoped(Effect.flatMap(engine.connect, (conn) => Effect.zipRight(conn.execute(row(1)), conn.rollback))),
    inPromises: async (engine, options) => {
      await using conn = await engine.connect(options)
      await conn.execute(row(1), undefined, options)
      await conn.rollback(options)
    },
  },
  {
    name: "a block",
    rows: 1,
    inEffect: (engine) => engine.begin((conn) => conn.execute(row(1))),
    inPromises: (engine, options) => engine.begin((conn) => conn.execute(row(1)), options),
  },
  {
    name: "a block that fails",
    rows: 0,
    inEffect: (engine) =>
      Effect.flip(engine.begin((conn) => Effect.zipRight(conn.execute(row(1)), Effect.fail("mine")))),
    inPromises: (engine, options) =>
      engine.begin(async (conn) => failing(await conn.execute(row(1))), options).catch(ignoringMine),
  },
  {
    name: "nested blocks",
    rows: 1,
    inEffect: (engine) =>
      engine.begin((conn) =>
        Effect.zipRight(
          conn.beginNested(() => conn.execute(row(1))),
          Effect.flip(conn.beginNested(() => Effect.zipRight(conn.execute(row(2)), Effect.fail("mine")))),
        ),
      ),
    inPromises: (engine, options) =>
      engine.begin(async (conn) => {
        await conn.beginNested(() => conn.execute(row(1)))
        await conn.beginNested(async () => failing(await conn.execute(row(2)))).catch(ignoringMine)
      }, options),
  },
  {
    name: "transactions by handle",
    rows: 0,
    inEffect: (engine) =>
      Effect.scoped(
        Effect.gen(function* () {
          const conn = yield* engine.connect
          const transaction = yield* conn.beginTransaction
          const savepoint = yield* conn.beginNestedTransaction
          yield* conn.execute(row(1))
          yield* savepoint.rollback
          yield* transaction.commit
        }),
      ),
    inPromises: async (engine, options) => {
      await using conn = await engine.connect(options)
      const transaction = await conn.beginTransaction(options)
      const savepoint = await conn.beginNestedTransaction(options)
      await conn.execute(row(1), undefined, options)
      await savepoint.rollback(options)
      await transaction.commit(options)
    },
  },
  {
    name: "a stream",
    rows: 0,
    inEffect: (engine) =>
      Effect.scoped(Effect.flatMap(engine.connect, (conn) => Stream.runDrain(conn.stream(rows, undefined, byTwo)))),
    inPromises: async (engine, options) => {
      await using conn = await engine.connect(options)
      for await (const _row of conn.stream(rows, undefined, { ...byTwo, ...options }));
    },
  },
  {
    name: "a stream that is abandoned",
    rows: 0,
    inEffect: (engine) =>
      Effect.scoped(
        Effect.flatMap(engine.connect, (conn) => Stream.runDrain(Stream.take(conn.stream(rows, undefined, byTwo), 1))),
      ),
    inPromises: async (engine, options) => {
      await using conn = await engine.connect(options)
      for await (const _row of conn.stream(rows, undefined, { ...byTwo, ...options })) break
    },
  },
  {
    name: "one statement",
    rows: 0,
    inEffect: (engine) => engine.execute(rows),
    inPromises: (engine, options) => engine.execute(rows, undefined, options),
  },
  {
    name: "one statement that writes",
    rows: 1,
    endsByItself: true,
    inEffect: (engine) => engine.execute(row(1)),
    inPromises: (engine, options) => engine.execute(row(1), undefined, options),
  },
  {
    name: "a list of statements",
    rows: 2,
    inEffect: (engine) => engine.executeAll([row(1), row(2), rows]),
    inPromises: (engine, options) => engine.executeAll([row(1), row(2), rows], options),
  },
  {
    name: "a stream of one statement",
    rows: 0,
    inEffect: (engine) => Stream.runDrain(engine.stream(rows, undefined, byTwo)),
    inPromises: async (engine, options) => {
      for await (const _row of engine.stream(rows, undefined, { ...byTwo, ...options }));
    },
  },
  {
    name: "the isolation level",
    rows: 0,
    inEffect: (engine) => Effect.scoped(Effect.flatMap(engine.connect, (conn) => conn.getIsolationLevel)),
    inPromises: async (engine, options) => {
      await using conn = await engine.connect(options)
      await conn.getIsolationLevel(options)
    },
  },
  {
    name: "a driver's own connection",
    rows: 0,
    inEffect: (engine) => Effect.scoped(engine.rawConnection),
    inPromises: async (engine, options) => {
      await using _raw = await engine.rawConnection(options)
    },
  },
  {
    name: "a session that reads and writes",
    rows: 1,
    inEffect: (engine) =>
      Effect.scoped(
        Effect.gen(function* () {
          const session = yield* AsyncSession.make(engine)
          session.add(entity(1))
          const zero = yield* session.getOne(Numbered, 0)
          zero.note = "changed"
          yield* session.flush
          yield* Stream.runDrain(session.stream(select(Numbered), undefined, byTwo))
          yield* session.refresh(zero)
          yield* session.rollback
          session.add(entity(2))
          session.delete(zero)
          yield* session.commit
        }),
      ),
    inPromises: async (engine, options) => {
      await using session = await promiseSessions(engine).session(options)
      session.add(entity(1))
      const zero = await session.getOne(Numbered, 0, options)
      zero.note = "changed"
      await session.flush(options)
      for await (const _one of session.stream(select(Numbered), undefined, { ...byTwo, ...options }));
      await session.refresh(zero, undefined, options)
      await session.rollback(options)
      session.add(entity(2))
      session.delete(zero)
      await session.commit(options)
    },
  },
  {
    name: "a session that only commits",
    rows: 1,
    inEffect: (engine) =>
      Effect.scoped(
        Effect.flatMap(AsyncSession.make(engine), (session) => {
          session.add(entity(1))
          return session.commit
        }),
      ),
    inPromises: async (engine, options) => {
      await using session = await promiseSessions(engine).session(options)
      session.add(entity(1))
      await session.commit(options)
    },
  },
  {
    name: "blocks of a session",
    rows: 3,
    inEffect: (engine) =>
      effectSessions(engine).begin((session) =>
        Effect.gen(function* () {
          session.add(entity(1))
          yield* session.beginNested((nested) => nested.execute(row(2)))
          yield* Effect.flip(
            session.beginNested((nested) => {
              nested.add(entity(3))
              return Effect.zipRight(nested.flush, Effect.fail("mine"))
            }),
          )
          session.add(entity(4))
        }),
      ),
    inPromises: (engine, options) =>
      promiseSessions(engine).begin(async (session) => {
        session.add(entity(1))
        await session.beginNested((nested) => nested.execute(row(2)))
        await session
          .beginNested(async (nested) => {
            nested.add(entity(3))
            failing(await nested.flush())
          })
          .catch(ignoringMine)
        session.add(entity(4))
      }, options),
  },
  {
    name: "a block of a session that fails",
    rows: 0,
    inEffect: (engine) =>
      Effect.flip(
        effectSessions(engine).begin((session) => Effect.zipRight(session.execute(row(1)), Effect.fail("mine"))),
      ),
    inPromises: (engine, options) =>
      promiseSessions(engine)
        .begin(async (session) => failing(await session.execute(row(1))), options)
        .catch(ignoringMine),
  },
  {
    name: "the end of all connections",
    rows: 1,
    endsByItself: true,
    inEffect: (engine) =>
      Effect.zipRight(
        engine.begin((conn) => conn.execute(row(1))),
        engine.dispose(),
      ),
    inPromises: async (engine, options) => {
      await engine.begin((conn) => conn.execute(row(1)), options)
      await engine.dispose(options)
    },
  },
]
