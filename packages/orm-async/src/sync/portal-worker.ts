/** Runs in a worker of `runSync` for databases whose connections live on the loop. */
import type { BesideRequest, DriverCapabilities, TransactionState } from "../driver/driver.ts"
import { InvalidRequestError } from "../errors/index.ts"
import { type BesideAnswer, type BesideContext, BesideFailure } from "./beside-state.ts"
import { PortalConnection } from "./portal-connection.ts"
import { dialects } from "./portal-dialects.ts"
import { type BesideFunction, callBeside, loadFunction } from "./run-beside.ts"

/** A driver as a worker knows it: its dialect by name, since functions do not cross. */
export interface PortalDriver {
  readonly name: string
  readonly dialect: string
  readonly capabilities: DriverCapabilities
}

/** The methods that the loop calls in the worker. */
export class PortalWorker {
  #loaded: BesideFunction | undefined

  /** Loads the function that `run` runs next. */
  load(task: Pick<BesideRequest, "module" | "name">, context: BesideContext): Promise<void> {
    return new Promise((resolve, reject) => {
      loadFunction(task, (found) => {
        if (found instanceof InvalidRequestError) {
          reject(new BesideFailure(found, { levels: context.levels, trouble: undefined }))
        } else {
          this.#loaded = found
          resolve()
        }
      })
    })
  }

  run(
    driver: PortalDriver,
    context: BesideContext,
    { args }: Pick<BesideRequest, "args">,
    transaction: TransactionState,
  ): BesideAnswer {
    const dialect = dialects[driver.dialect as keyof typeof dialects]
    const connection = new PortalConnection(transaction)
    return callBeside(connection, { ...driver, dialect }, context, this.#loaded as BesideFunction, args)
  }
}

/** Opens what the loop calls: the task of the worker. */
export const openPortalWorker = (_: null): PortalWorker => new PortalWorker()
