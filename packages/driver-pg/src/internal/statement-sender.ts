import { type BoundParameters, type BoundValue, bindParameters } from "./bind-parameters.ts"
import type { PgConfig } from "./pg-config.ts"
import { endsTransaction, mayChange, PreparedStatement, PreparedStatements } from "./prepared-statements.ts"
import { type RequestStep, ServerRequest } from "./server-request.ts"
import type { ServerSession } from "./server-session.ts"

const idle = "I".charCodeAt(0)
const maxParameters = 65_535
const nothing: ReadonlyArray<never> = []
const noValues: ReadonlyArray<BoundValue> = []
const noStatement = new PreparedStatement("", nothing)

/** Is told that a request's answer has arrived. */
export type Answered = (request: ServerRequest) => void

const failure = (code: string, message: string): Error => Object.assign(new Error(message), { code })

/** A statement with the values that it is sent with. */
export interface BoundStatement {
  readonly statement: PreparedStatement
  readonly values: ReadonlyArray<BoundValue>
}

/** Statements that go to the server in one group: when one fails, those behind it do not run. */
export interface StatementGroup {
  /** Adds a statement without parameters that returns no rows, such as BEGIN. */
  addCommand(sql: string): void
  /** Adds a statement, once for each set of values. */
  add(statement: PreparedStatement, sets: ReadonlyArray<ReadonlyArray<BoundValue>>): void
  /** Opens a portal for a statement and fetches some rows. Nothing can be added behind it. */
  addPortal(statement: PreparedStatement, values: ReadonlyArray<BoundValue>, portal: string, rows: number): void
  /** Sends the group. `onStep` is told the end of each statement, if there are several. */
  send(bigints: boolean, answered: Answered, onStep?: (request: ServerRequest, tag: string) => void): void
}

/** Sends statements over a session, prepared where they can be, and keeps the account of what the server says of them. */
export class StatementSender {
  readonly session: ServerSession
  readonly #statements: PreparedStatements
  /** A transaction is open, as of the last answer. */
  #wasOpen = false
  #transactions = 0
  #sessionChanged = false

  constructor(session: ServerSession, config: PgConfig) {
    this.session = session
    this.#statements = new PreparedStatements(config.prepare ? config.statementCacheSize : 0)
  }

  /** A transaction is open, be it failed. */
  get inTransaction(): boolean {
    return this.session.status !== idle
  }

  /** The number of transactions that have ended. A cursor lives as long as this stays the same. */
  get transactions(): number {
    return this.#transactions
  }

  /** Something was done since the last reset that may outlive its transaction. */
  get sessionChanged(): boolean {
    return this.#sessionChanged
  }

  /** Something may have been changed that outlives its transaction. */
  markSession(): void {
    this.#sessionChanged = true
  }

  /** A setting was changed, on which it may depend what a statement's columns are. */
  settingChanged(): void {
    this.#sessionChanged = true
    this.#statements.changed()
  }

  /** The session is as it was after connecting. */
  wasReset(): void {
    this.#sessionChanged = false
    this.#statements.changed()
  }

  /**
   * A statement with values ready to be sent.
   *
   * @throws {Error} if it cannot be sent
   */
  bind(sql: string, parameters: ReadonlyArray<unknown>): BoundStatement {
    const bound = bindParameters(parameters)
    if (bound.values.length > maxParameters) throw tooMany(bound)
    return { statement: this.#statements.find(sql, bound.values, bound.types), values: bound.values }
  }

  /**
   * The same for a text that will not be sent again.
   *
   * @throws {Error} if it cannot be sent
   */
  bindOnce(sql: string, parameters: ReadonlyArray<unknown>): BoundStatement {
    const { values, types } = bindParameters(parameters)
    return { statement: new PreparedStatement(sql, types), values }
  }

  /** The statement that takes all the sets of values; undefined if their types differ. */
  findForAll(sql: string, sets: ReadonlyArray<BoundParameters>): PreparedStatement | undefined {
    const types: Array<number | undefined> = []
    for (const set of sets) {
      if (set.values.length > maxParameters) throw tooMany(set)
      for (let index = 0; index < set.values.length; index++) {
        if (set.values[index] === null) continue
        const type = set.types[index] as number
        types[index] ??= type
        if (types[index] !== type) return undefined
      }
    }
    const count = sets[0]?.values.length ?? 0
    if (sets.some(({ values }) => values.length !== count)) return undefined
    const declared = Array.from({ length: count }, (_, index) => types[index] ?? 0)
    return this.#statements.find(sql, noValues, declared)
  }

  /** The statement of one set of values. */
  findFor(sql: string, { values, types }: BoundParameters): PreparedStatement {
    return this.#statements.find(sql, values, types)
  }

  /** Sends one statement. */
  send({ statement, values }: BoundStatement, bigints: boolean, answered: Answered): void {
    const { writer } = this.session
    const statements = this.#statements
    const isReady = statements.isReady(statement, this.inTransaction)
    const prepares = isReady ? false : statements.parse(writer, statement)
    writer.bind("", isReady || prepares ? (statement.name as string) : "", values)
    if (!isReady) writer.describe("")
    writer.executeAndSync()
    const request = new ServerRequest(this.session, nothing, bigints, (ended) => {
      if (ended.error === undefined) {
        statements.ran(statement, prepares, ended.epoch)
        this.#completed(ended.result?.command)
      } else statements.failed(statement, prepares)
      this.#settle()
      answered(ended)
    })
    request.epoch = statements.epoch
    this.session.send(request, statement, values)
  }

  /** Sends statements without parameters as text, in one transaction of their own. */
  sendText(sql: string, answered: Answered): void {
    this.session.writer.query(sql)
    this.#sendRequest([{ statement: new PreparedStatement(sql, nothing), prepares: false }], false, answered, undefined)
  }

  /** Asks the server for a sign of life. */
  sendPing(answered: Answered): void {
    this.session.writer.sync()
    this.#sendRequest(nothing, false, answered, undefined)
  }

  /** Fetches rows from a portal. */
  sendFetch(portal: string, statement: PreparedStatement, size: number, bigints: boolean, answered: Answered): void {
    const { writer } = this.session
    writer.execute(portal, size)
    writer.sync()
    this.#sendRequest([{ statement, prepares: false }], bigints, answered, undefined)
  }

  /** Closes a portal. */
  sendClose(portal: string, answered: Answered): void {
    const { writer } = this.session
    writer.close("portal", portal)
    writer.sync()
    this.#sendRequest(nothing, false, answered, undefined)
  }

  /** Sends one command. */
  sendCommand(sql: string, answered: Answered): void {
    this.send({ statement: this.#statements.find(sql, noValues, nothing), values: noValues }, false, answered)
  }

  /**
   * Begins a group of statements.
   *
   * @param inTransaction they run in a transaction, so that a failure would be its end
   */
  group(inTransaction: boolean): StatementGroup {
    const { writer } = this.session
    const statements = this.#statements
    const steps: Array<RequestStep> = []
    // Statements that this group has parsed: they are there when a later step is bound.
    const parsed = new Map<PreparedStatement, boolean>()
    let unnamed: PreparedStatement | undefined
    const prepare = (statement: PreparedStatement, mayFail: boolean): RequestStep & { readonly name: string } => {
      if (statements.isReady(statement, mayFail)) {
        return { statement, prepares: false, name: statement.name as string }
      }
      const before = parsed.get(statement)
      if (before === true) return { statement, prepares: false, name: statement.name as string }
      if (before === false && unnamed === statement) return { statement, prepares: false, name: "" }
      const prepares = statements.parse(writer, statement)
      parsed.set(statement, prepares)
      if (!prepares) unnamed = statement
      return { statement, prepares, name: prepares ? (statement.name as string) : "" }
    }
    return {
      addCommand: (sql) => {
        const { name, ...step } = prepare(this.#statements.find(sql, noValues, nothing), false)
        writer.bind("", name, noValues)
        writer.execute("", 0)
        steps.push(step)
      },
      add: (statement, sets) => {
        const isKnown = statements.isReady(statement, inTransaction)
        const { name, ...step } = prepare(statement, inTransaction)
        const later: RequestStep = { statement, prepares: false }
        for (const [index, values] of sets.entries()) {
          writer.bind("", name, values)
          if (index === 0 && !isKnown) writer.describe("")
          writer.execute("", 0)
          steps.push(index === 0 ? step : later)
        }
      },
      addPortal: (statement, values, portal, rows) => {
        const isKnown = statements.isReady(statement, inTransaction)
        const { name, ...step } = prepare(statement, inTransaction)
        writer.bind(portal, name, values)
        if (!isKnown) writer.describe(portal)
        writer.execute(portal, rows)
        steps.push(step)
      },
      send: (bigints, answered, onStep) => {
        writer.sync()
        this.#sendRequest(steps, bigints, answered, onStep)
      },
    }
  }

  /** A statement is not what the server has, or has other columns: it is prepared anew when it is sent next. */
  distrust(statement: PreparedStatement): void {
    this.#statements.distrust(statement)
  }

  /** The same of the statement that a group has failed with. */
  distrustFailed({ steps, completedSteps }: ServerRequest): void {
    const failed = steps[completedSteps]
    if (failed !== undefined) this.#statements.distrust(failed.statement)
  }

  #sendRequest(
    steps: ReadonlyArray<RequestStep>,
    bigints: boolean,
    answered: Answered,
    onStep: ((request: ServerRequest, tag: string) => void) | undefined,
  ): void {
    const statements = this.#statements
    const request = new ServerRequest(
      this.session,
      steps,
      bigints,
      (ended) => {
        const completed = ended.error === undefined ? steps.length : ended.completedSteps
        for (const [index, { statement, prepares }] of steps.entries()) {
          if (index < completed) statements.ran(statement, prepares, ended.epoch)
          else statements.failed(statement, prepares)
        }
        if (ended.error === undefined && !ended.hasSeveral) this.#completed(ended.result?.command)
        this.#settle()
        answered(ended)
      },
      (current, tag) => {
        this.#completed(commandOf(tag))
        onStep?.(current, tag)
      },
    )
    request.epoch = statements.epoch
    this.session.send(request, steps[0]?.statement ?? noStatement, noValues)
  }

  #completed(command: string | null | undefined): void {
    if (command === "SELECT" || command === null || command === undefined || !mayChange(command)) return
    this.#statements.completed(command)
    if (!endsTransaction(command)) this.#sessionChanged = true
  }

  #settle(): void {
    if (this.inTransaction) {
      this.#wasOpen = true
      return
    }
    if (this.#wasOpen) this.#transactions++
    this.#wasOpen = false
    this.#statements.transactionEnded()
  }
}

const tooMany = ({ values }: BoundParameters): Error =>
  failure(
    "MAX_PARAMETERS_EXCEEDED",
    `The statement has ${values.length} parameters, and PostgreSQL takes ${maxParameters} at most; pass a list as one ` +
      "array, as in = ANY($1), or split the statement",
  )

const commandOf = (tag: string): string => tag.replace(/(?: \d+)+$/, "")

/** The rows that a command has changed or returned, as its tag says; undefined where it does not. */
export const countOf = (tag: string): number | undefined => {
  const digits = / (\d+)$/.exec(tag)
  return digits === null ? undefined : Number(digits[1])
}
