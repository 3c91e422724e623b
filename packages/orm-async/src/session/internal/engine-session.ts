import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { AsyncConnection, ExecuteOptions, ExecuteParameters } from "../../connection/connection.ts"
import { EffectResult } from "../../effect/effect-result.ts"
import { InvalidRequestError, NoResultFound } from "../../errors/index.ts"
import { BufferedResult } from "../../result/internal/buffered-result.ts"
import type { Result, ScalarResult } from "../../result/result.ts"
import type { Executable, StatementLevel, TextClause } from "../../statement/index.ts"
import { adaptable, type EffectStyle } from "../../style.ts"
import { type Identity, IdentityMap } from "../identity-map.ts"
import type { EntityClass } from "../many-to-one.ts"
import type { AsyncSession, GetOptions, RefreshOptions, ScalarOf } from "../session.ts"
import type { GetOneError, SessionError } from "../session-error.ts"
import { attempt } from "./attempt.ts"
import type { SessionSettings } from "./check-session-options.ts"
import { identityValues } from "./identity-values.ts"
import { isEntity, requireState, stateOf } from "./instance.ts"
import { changedColumns, expireState, type InstanceState } from "./instance-state.ts"
import type { LoadOptions } from "./loading.ts"
import type { Mapper } from "./mapper.ts"
import { mapperOf } from "./mapper-registry.ts"
import { mergeInto } from "./merge.ts"
import { ormRows } from "./orm-rows.ts"
import { loadOne, refreshState } from "./row-loading.ts"
import type { Bind } from "./session-connection.ts"
import { SessionCore } from "./session-core.ts"
import type { SessionState } from "./session-state.ts"

type Block<A, E, R> = (session: AsyncSession) => Effect.Effect<A, E, R>
type AnyStatement = Executable<unknown, StatementLevel>

/** A session: the only implementation of {@link AsyncSession}. */
export class EngineSession implements AsyncSession {
  readonly identityMap: IdentityMap
  readonly info: Record<string, unknown>
  autoflush: boolean
  readonly #core: SessionCore
  readonly #state: SessionState

  constructor(bind: Bind, settings: SessionSettings) {
    this.#core = new SessionCore(bind, settings.expireOnCommit)
    this.#state = this.#core.state
    this.autoflush = settings.autoflush
    this.info = { ...settings.info }
    this.identityMap = new IdentityMap(this.#state.identities)
  }

  get [adaptable](): "effects" {
    return "effects"
  }

  get new(): ReadonlySet<object> {
    return entitiesOf(this.#state.pending)
  }

  get dirty(): ReadonlySet<object> {
    return entitiesOf([...this.#state.modified].filter((state) => !this.#state.deleting.has(state)))
  }

  get deleted(): ReadonlySet<object> {
    return entitiesOf(this.#state.deleting)
  }

  get isActive(): boolean {
    return !this.#state.ended && !this.#core.failed
  }

  add(entity: object): void {
    this.#core.requireIdle("add")
    this.#state.add(entity)
  }

  addAll(entities: Iterable<object>): void {
    this.#core.requireIdle("addAll")
    for (const entity of entities) this.#state.add(entity)
  }

  delete(entity: object): void {
    this.#core.requireIdle("delete")
    this.#state.delete(entity)
  }

  expunge(entity: object): void {
    this.#core.requireIdle("expunge")
    this.#state.expunge(entity)
  }

  expungeAll(): void {
    this.#core.requireIdle("expungeAll")
    this.#state.expungeAll()
  }

  contains(entity: object): boolean {
    return isEntity(entity) && this.#state.has(stateOf(entity))
  }

  isModified(entity: object): boolean {
    const state = requireState(entity, "isModified")
    if (state.key === undefined) return true
    if (changedColumns(state).length > 0) return true
    return Object.entries(state.originalReferences ?? {}).some(([name, from]) => state.references?.[name] !== from)
  }

  expire<E extends object>(entity: E, names?: ReadonlyArray<keyof E & string>): void {
    this.#core.requireIdle("expire")
    const state = this.#persistent(entity, "expire")
    requireNames(state.mapper, names, "expire")
    expireState(state, names)
    if (!state.hasChanges) this.#state.modified.delete(state)
  }

  expireAll(): void {
    this.#core.requireIdle("expireAll")
    this.#state.expireAll()
  }

  inTransaction(): boolean {
    return this.#core.depth > 0
  }

  inNestedTransaction(): boolean {
    return this.#core.depth > 1
  }

  get flush(): Effect.Effect<void, SessionError> {
    return this.#core.run("flush", this.#core.flush)
  }

  get commit(): Effect.Effect<void, SessionError> {
    return Effect.uninterruptibleMask((restore) => this.#core.run("commit", this.#core.commit(restore)))
  }

  get rollback(): Effect.Effect<void, SessionError> {
    return Effect.uninterruptible(this.#core.exclusively("rollback", this.#core.rollback))
  }

  get close(): Effect.Effect<void, SessionError> {
    return Effect.uninterruptible(this.#core.exclusively("close", this.#core.close))
  }

  get reset(): Effect.Effect<void, SessionError> {
    return this.close
  }

  get invalidate(): Effect.Effect<void, SessionError> {
    return Effect.uninterruptible(this.#core.exclusively("invalidate", this.#core.invalidate))
  }

  /** Closes the session for good, whatever it is doing; for the end of its scope. */
  get end(): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.#state.ended = true
      return Effect.catchAllCause(this.#core.close, (cause) =>
        Effect.logWarning("A session could not roll back the connection that it was bound to", cause),
      )
    })
  }

  get connection(): Effect.Effect<AsyncConnection, SessionError> {
    return this.#core.run("connection", this.#core.connect)
  }

  begin<A, E = never, R = never>(block: Block<A, E, R>): Effect.Effect<A, E | SessionError, R> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(this.#core.run("begin", this.#core.begin), (frame) =>
        this.#core.runBlock(frame, restore, () => block(this)),
      ),
    )
  }

  beginNested<A, E = never, R = never>(block: Block<A, E, R>): Effect.Effect<A, E | SessionError, R> {
    return Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(this.#core.run("beginNested", this.#core.beginNested(restore)), (frame) =>
        this.#core.runBlock(frame, restore, () => block(this)),
      ),
    )
  }

  noAutoflush<A, E = never, R = never>(block: Block<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.acquireUseRelease(
      Effect.sync(() => {
        const before = this.autoflush
        this.autoflush = false
        return before
      }),
      () => block(this),
      (before) =>
        Effect.sync(() => {
          this.autoflush = before
        }),
    )
  }

  get<E extends object>(
    entity: EntityClass<E>,
    id: Identity<E>,
    options: GetOptions = {},
  ): Effect.Effect<E | null, SessionError> {
    return this.#core.run(
      "get",
      Effect.gen(this, function* () {
        const { mapper, values } = yield* attempt(() => {
          const mapper = mapperOf(entity)
          return { mapper, values: identityValues(mapper, id) }
        })
        return (yield* this.#get(mapper, values, options))?.entity as E | undefined
      }).pipe(Effect.map((found) => found ?? null)),
    )
  }

  getOne<E extends object>(
    entity: EntityClass<E>,
    id: Identity<E>,
    options: GetOptions = {},
  ): Effect.Effect<E, GetOneError> {
    return Effect.flatMap(this.get(entity, id, options), (found) =>
      found === null
        ? Effect.fail(
            new NoResultFound({ message: `No row was found for ${mapperOf(entity).name} with the given primary key.` }),
          )
        : Effect.succeed(found),
    )
  }

  refresh<E extends object>(
    entity: E,
    names?: ReadonlyArray<keyof E & string>,
    options: RefreshOptions = {},
  ): Effect.Effect<void, SessionError> {
    return this.#core.run(
      "refresh",
      Effect.gen(this, function* () {
        const state = yield* attempt(() => {
          const state = this.#persistent(entity, "refresh")
          requireNames(state.mapper, names, "refresh")
          return state
        })
        const connection = yield* this.#beforeQuery
        yield* refreshState(this.#state, connection, state, names, options, this.#loadOptions(true))
      }),
    )
  }

  merge<E extends object>(entity: E): Effect.Effect<E, SessionError> {
    return this.#core.run(
      "merge",
      Effect.gen(this, function* () {
        const state = yield* attempt(() => requireState(entity, "merge"))
        const merged = yield* mergeInto(this.#state, state, (mapper, values) => this.#get(mapper, values, {}))
        return merged.entity as E
      }),
    )
  }

  execute<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Effect.Effect<Result<Row, EffectStyle, ScalarOf<Row>>, SessionError> {
    return this.#core.run(
      "execute",
      Effect.flatMap(this.#beforeQuery, (connection) => {
        if (mayChangeRows(statement)) this.#core.noteChangedRows()
        return Effect.flatMap(connection.execute(asCore(statement), parameters, options), (result) =>
          attempt(() => this.#sessionResult(statement, result)),
        )
      }),
    )
  }

  scalar<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Effect.Effect<ScalarOf<Row> | null, SessionError> {
    return Effect.flatMap(this.execute(statement, parameters, options), (result) => attempt(() => result.scalar()))
  }

  scalars<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Effect.Effect<ScalarResult<ScalarOf<Row>>, SessionError> {
    return Effect.map(this.execute(statement, parameters, options), (result) => result.scalars())
  }

  stream<Row>(
    statement: Executable<Row, StatementLevel>,
    parameters?: ExecuteParameters,
    options?: ExecuteOptions,
  ): Stream.Stream<Row, SessionError> {
    return Stream.unwrap(
      this.#core.run(
        "stream",
        Effect.map(this.#beforeQuery, (connection): Stream.Stream<Row, SessionError> => {
          if (mayChangeRows(statement)) this.#core.noteChangedRows()
          const rows = connection.stream(asCore(statement), parameters, options)
          return Stream.mapChunksEffect(rows, (chunk) =>
            attempt(() => {
              const orm = ormRows(statement, this.#state, this.#loadOptions(false))
              if (orm === undefined) return chunk
              return Chunk.unsafeFromArray(orm.convert(Chunk.toReadonlyArray(chunk)) as Array<Row>)
            }),
          )
        }),
      ),
    )
  }

  #persistent(entity: unknown, method: string): InstanceState {
    const state = requireState(entity, method)
    if (state.owner === this.#state && state.key !== undefined && !state.deleted) return state
    throw new InvalidRequestError({
      message: `${method}(): ${state.mapper.describe(state.values)} is not persistent in this session: it stands for no row, or is in another session or none.`,
    })
  }

  get #beforeQuery(): Effect.Effect<AsyncConnection, SessionError> {
    return Effect.suspend(() =>
      this.autoflush && this.#state.hasWork
        ? Effect.zipRight(this.#core.flush, this.#core.connect)
        : this.#core.connect,
    )
  }

  #loadOptions(populateExisting: boolean): LoadOptions {
    return { populateExisting, afterOwnStatements: this.#core.changedRows }
  }

  #get(
    mapper: Mapper,
    values: ReadonlyArray<unknown>,
    options: GetOptions,
  ): Effect.Effect<InstanceState | undefined, SessionError> {
    return Effect.gen(this, function* () {
      const { populateExisting = false, withForUpdate = false } = options
      const known = this.#state.lookUp(mapper, values)
      if (known !== undefined && !known.expired && !populateExisting && withForUpdate === false) return known
      const connection = yield* this.#beforeQuery
      const load = this.#loadOptions(populateExisting)
      return yield* loadOne(
        this.#state,
        connection,
        mapper,
        mapper.primaryKey.map(({ key }) => key),
        values,
        options,
        load,
      )
    })
  }

  #sessionResult<Row>(statement: AnyStatement, result: Result<Row>): Result<Row, EffectStyle, ScalarOf<Row>> {
    const orm = ormRows(statement, this.#state, this.#loadOptions(false))
    if (orm === undefined) return result as unknown as Result<Row, EffectStyle, ScalarOf<Row>>
    const { keys, rowCount } = result
    const rows = orm.convert(result.all()) as Array<Row>
    return new EffectResult(
      new BufferedResult<Row, ScalarOf<Row>>({ keys, returnsRows: true, rowCount, rows, ...orm.reading }),
    )
  }
}

/** The statement as the connection takes it: what an entity's columns are, Core knows. */
const asCore = <Row>(statement: Executable<Row, StatementLevel>): Executable<Row> => statement as Executable<Row>

const mayChangeRows = (statement: AnyStatement): boolean => {
  const { statementKind } = statement
  if (statementKind === "text") return (statement as unknown as TextClause<unknown>).scanned.isWrite
  return statementKind !== "select" && statementKind !== "compound"
}

const entitiesOf = (states: Iterable<InstanceState>): ReadonlySet<object> => {
  const entities = new Set<object>()
  for (const state of states) entities.add(state.entity)
  return entities
}

/** @throws {InvalidRequestError} if a name is no mapped property */
const requireNames = (mapper: Mapper, names: ReadonlyArray<string> | undefined, method: string): void => {
  const unknown = names?.find((name) => !mapper.hasColumn(name) && mapper.reference(name) === undefined)
  if (unknown === undefined) return
  const all = [...mapper.columns.map(({ key }) => key), ...mapper.references.map(({ name }) => name)]
  throw new InvalidRequestError({
    message: `${method}(): ${mapper.name} has no mapped property "${unknown}". It has: ${all.join(", ")}.`,
  })
}
