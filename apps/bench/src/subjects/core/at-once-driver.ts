/** A driver without a database: its connection answers before a call returns, with the row that was asked for. */
import {
  type ConnectAttempt,
  type Driver,
  type DriverCall,
  type DriverConnection,
  type DriverCursor,
  type DriverDone,
  type DriverResult,
  sqliteDialect,
  succeeded,
} from "@offloop/orm-async/driver"
import { columns } from "../items.ts"
import { storedItem } from "./subject.ts"

const none: DriverResult = { columns: [], cells: [], rowCount: 0 }

class AtOnceConnection implements DriverConnection {
  readonly transaction = "none"
  readonly sessionChanged = false
  readonly pipelineDepth = 1
  readonly answersAtOnce = true
  readonly isOpen = true
  readonly driverConnection = undefined

  execute({ parameters }: DriverCall, done: DriverDone<DriverResult>): void {
    const { id, name, email, score, age } = storedItem(parameters[0])
    done({ ok: true, value: { columns, cells: [id, name, email, score, age], rowCount: 1 } })
  }

  executeMany(_call: unknown, done: DriverDone<DriverResult>): void {
    done({ ok: true, value: none })
  }

  openCursor(_call: DriverCall, done: DriverDone<DriverCursor>): void {
    done({
      ok: true,
      value: {
        columns: [],
        fetch: (_size, fetched) => fetched({ ok: true, value: [] }),
        close: (closed) => closed(succeeded),
      },
    })
  }

  commit(done: DriverDone<void>): void {
    done(succeeded)
  }

  rollback(done: DriverDone<void>): void {
    done(succeeded)
  }

  reset(done: DriverDone<void>): void {
    done(succeeded)
  }

  ping(done: DriverDone<void>): void {
    done(succeeded)
  }

  cancel(): void {}

  close(done: () => void): void {
    done()
  }

  terminate(): void {}
}

export const atOnceDriver: Driver = {
  name: "at-once",
  dialect: sqliteDialect,
  capabilities: {
    placements: ["inline"],
    cancelsRunningStatement: false,
    concurrentWriters: true,
    streams: false,
    transactionalDdl: false,
    isolationLevels: ["AUTOCOMMIT"],
  },
  poolDefaults: () => ({ poolSize: 1, maxOverflow: 0 }),
  connect: (_url, _options, done): ConnectAttempt => {
    done({ ok: true, value: new AtOnceConnection() })
    return { cancel: () => {} }
  },
}
