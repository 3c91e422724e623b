import { BaseRawConnection } from "../engine/base-raw-connection.ts"

/** A driver's own connection, which is reset and given back when it is disposed of. */
export class SyncRawConnection extends BaseRawConnection implements Disposable {
  [Symbol.dispose](): void {
    this.giveBack()
  }
}
