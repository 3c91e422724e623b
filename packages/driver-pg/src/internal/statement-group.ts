import type { BoundValue } from "./bind-parameters.ts"
import type { BoundStatement } from "./bound-statement.ts"
import type { PreparedStatement } from "./prepared-statements.ts"
import type { RequestStep, ServerRequest } from "./server-request.ts"
import type { Answered, StatementSender } from "./statement-sender.ts"

const noValues: ReadonlyArray<BoundValue> = []

interface Prepared {
  readonly step: RequestStep
  /** The name to bind by: empty for the unnamed statement. */
  readonly name: string
  /** The server must be asked for the columns. */
  readonly describe: boolean
}

/** Statements that go to the server in one group of messages: when one fails, those behind it do not run. */
export class StatementGroup {
  readonly #sender: StatementSender
  readonly #inTransaction: boolean
  readonly #steps: Array<RequestStep> = []
  /** Statements that this group has the server prepare: they are there when a later step is bound. */
  readonly #prepared = new Set<PreparedStatement>()
  #unnamed: PreparedStatement | undefined

  /** @param inTransaction they run in a transaction, so that a failure would be its end */
  constructor(sender: StatementSender, inTransaction: boolean) {
    this.#sender = sender
    this.#inTransaction = inTransaction
  }

  /** Adds a statement without parameters that returns no rows, such as BEGIN. */
  addCommand(sql: string): void {
    const { writer, statements } = this.#sender
    const { step, name } = this.#prepare(statements.find(sql, noValues, []), false)
    writer.bind("", name, noValues)
    writer.execute("", 0)
    this.#steps.push(step)
  }

  add({ statement, values }: BoundStatement): void {
    const { writer } = this.#sender
    const { step, name, describe } = this.#prepare(statement, this.#inTransaction)
    writer.bind("", name, values)
    if (describe) writer.describe("")
    writer.execute("", 0)
    this.#steps.push(step)
  }

  /** Opens a portal for a statement and fetches some rows. Nothing can be added behind it. */
  addPortal({ statement, values }: BoundStatement, portal: string, rows: number): void {
    const { writer } = this.#sender
    const { step, name, describe } = this.#prepare(statement, this.#inTransaction)
    writer.bind(portal, name, values)
    if (describe) writer.describe(portal)
    writer.execute(portal, rows)
    this.#steps.push(step)
  }

  /** Sends the group. `onStep` is told the end of each statement, if there are several. */
  send(bigints: boolean, answered: Answered, onStep?: (request: ServerRequest, tag: string) => void): void {
    this.#sender.writer.sync()
    this.#sender.sendSteps(this.#steps, bigints, answered, onStep)
  }

  #prepare(statement: PreparedStatement, mayFail: boolean): Prepared {
    const { writer, statements } = this.#sender
    const isNamed = this.#prepared.has(statement) || statements.isReady(statement, mayFail)
    if (isNamed || this.#unnamed === statement) {
      const name = isNamed ? (statement.name as string) : ""
      return { step: { statement, prepares: false }, name, describe: false }
    }
    const prepares = statements.parse(writer, statement)
    if (prepares) this.#prepared.add(statement)
    else this.#unnamed = statement
    return { step: { statement, prepares }, name: prepares ? (statement.name as string) : "", describe: true }
  }
}
