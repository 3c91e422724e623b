import { BaseRawConnection } from "../engine/base-raw-connection.ts"

/** A driver's own connection, which is reset and given back when it is disposed of. */
export class PromiseRawConnection extends BaseRawConnection implements AsyncDisposable {
  [Symbol.asyncDispose](): Promise<void> {
    this.giveBack()
    return Promise.resolve()
  }
}
