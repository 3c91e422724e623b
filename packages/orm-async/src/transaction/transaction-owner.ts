import type { SqlError } from "../errors/index.ts"
import type { Procedure } from "../operation/operation.ts"
import type { Level, Levels } from "./levels.ts"
import type { Trouble } from "./trouble.ts"

/** A connection, as far as its transactions and blocks need it. */
export interface TransactionOwner {
  /** The transaction and its savepoints. */
  readonly levels: Levels
  /** Levels whose blocks are running, innermost last; a level may end before its block does. */
  readonly blocks: Array<Level>
  trouble: Trouble | undefined
  /** No transaction begins. */
  readonly autocommit: boolean
  /** Statements can run. */
  readonly isUsable: boolean
  /** Why nothing can be run now, if so. */
  refusal(): SqlError | undefined
  /** Runs steps that need the connection for themselves, when its turn has come. */
  exclusively<A>(body: () => Procedure<A>): Procedure<A>
  /** Makes a level permanent. Holding the turn. */
  commit(level: Level): Procedure<void>
  /** Takes back a level. Holding the turn. */
  rollback(level: Level): Procedure<void>
  /** Takes back a level when the connection is free, without anybody waiting for it. */
  rollbackInBackground(level: Level): void
}
