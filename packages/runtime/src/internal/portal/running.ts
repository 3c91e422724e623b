/** Which call the code of this worker runs for. Written for every call, so it is fields and nothing more. */
import type { Sent } from "../context/sent.ts"

export const running: { call: number; sent: Sent | undefined } = {
  /** The call's number, or 0 where no call is known. */
  call: 0,
  /** What it brought along. */
  sent: undefined,
}
