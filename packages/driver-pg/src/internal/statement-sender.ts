import type { BoundValue } from "./bind-parameters.ts"
import type { BoundStatement } from "./bound-statement.ts"
import { commandOf } from "./command-tag.ts"
import type { MessageWriter } from "./message-writer.ts"
import { endsTransaction, mayChange, PreparedStatement, PreparedStatements } from "./prepared-statements.ts"
import { type RequestStep, ServerRequest } from "./server-request.ts"
import type { ServerSession } from "./server-session.ts"

const idle = "I".charCodeAt(0)
const nothing: ReadonlyArray<never> = []
const noValues: ReadonlyArray<BoundValue> = []
const noStatement = new PreparedStatement("", nothing)

/** Is told that a request's answer has arrived. */
export type Answered = (request: ServerRequest) => void

/** Sends statements over a session, prepared where they can be, and keeps the account of what the server says of them. */
export class StatementSender {
  readonly statements: PreparedStatements
  readonly #session: ServerSession
  /** A transaction is open, as of the last answer. */
  #wasOpen = false
  #transactions = 0
  #sessionChanged = false

  /** @param limit how many statements the server keeps prepared; 0 for none */
  constructor(session: ServerSession, limit: number) {
    this.#session = session
    this.statements = new PreparedStatements(limit)
  }

  /** Where the messages of the next request are written. */
  get writer(): MessageWriter {
    return this.#session.writer
  }

  /** A transaction is open, be it failed. */
  get inTransaction(): boolean {
    return this.#session.status !== idle
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
    this.statements.changed()
  }

  /** The session is as it was after connecting. */
  wasReset(): void {
    this.#sessionChanged = false
    this.statements.changed()
  }

  /** Sends one statement. */
  send({ statement, values }: BoundStatement, bigints: boolean, answered: Answered): void {
    const { statements, writer } = this
    const isReady = statements.isReady(statement, this.inTransaction)
    const prepares = isReady ? false : statements.parse(writer, statement)
    writer.bind("", isReady || prepares ? (statement.name as string) : "", values)
    if (!isReady) writer.describe("")
    writer.executeAndSync()
    const request = new ServerRequest(this.#session, nothing, bigints, (ended) => {
      if (ended.error === undefined) {
        statements.ran(statement, prepares, ended.epoch)
        this.#completed(ended.result?.command)
      } else statements.failed(statement, prepares)
      this.#settle()
      answered(ended)
    })
    request.epoch = statements.epoch
    this.#session.send(request, statement, values)
  }

  /** Sends one command. */
  sendCommand(sql: string, answered: Answered): void {
    this.send({ statement: this.statements.find(sql, noValues, nothing), values: noValues }, false, answered)
  }

  /** Sends statements without parameters as text, in one transaction of their own. */
  sendText(sql: string, answered: Answered): void {
    this.writer.query(sql)
    this.sendSteps([{ statement: new PreparedStatement(sql, nothing), prepares: false }], false, answered)
  }

  /** Asks the server for a sign of life. */
  sendPing(answered: Answered): void {
    this.writer.sync()
    this.sendSteps(nothing, false, answered)
  }

  /** Fetches rows from a portal. */
  sendFetch(portal: string, statement: PreparedStatement, size: number, bigints: boolean, answered: Answered): void {
    this.writer.execute(portal, size)
    this.writer.sync()
    this.sendSteps([{ statement, prepares: false }], bigints, answered)
  }

  /** Closes a portal. */
  sendClose(portal: string, answered: Answered): void {
    this.writer.close("portal", portal)
    this.writer.sync()
    this.sendSteps(nothing, false, answered)
  }

  /** Sends what was written as one request of several statements. */
  sendSteps(
    steps: ReadonlyArray<RequestStep>,
    bigints: boolean,
    answered: Answered,
    onStep?: (request: ServerRequest, tag: string) => void,
  ): void {
    const { statements } = this
    const request = new ServerRequest(
      this.#session,
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
    this.#session.send(request, steps[0]?.statement ?? noStatement, noValues)
  }

  #completed(command: string | null | undefined): void {
    if (command === "SELECT" || command === null || command === undefined || !mayChange(command)) return
    this.statements.completed(command)
    if (!endsTransaction(command)) this.#sessionChanged = true
  }

  #settle(): void {
    if (this.inTransaction) {
      this.#wasOpen = true
      return
    }
    if (this.#wasOpen) this.#transactions++
    this.#wasOpen = false
    this.statements.transactionEnded()
  }
}
