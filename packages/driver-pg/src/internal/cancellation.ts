import type { ServerRequest } from "./server-request.ts"
import type { ServerSession } from "./server-session.ts"

const firstPause = 50
const longestPause = 5_000

/**
 * Asks the server to stop what it runs for a request, until it has stopped: the server ignores a request that finds it
 * between two statements. One that does not stop in time ends with its connection.
 *
 * @param timeout in milliseconds; 0 for none
 * @param done is told when the request has ended and nothing sent later can be hit
 */
export const cancelRequest = (
  session: ServerSession,
  request: ServerRequest,
  timeout: number,
  done: () => void,
): void => {
  let pause = firstPause
  let isAsking = false
  let again: ReturnType<typeof setTimeout> | undefined
  const late = (): void =>
    session.destroy(
      Object.assign(new Error(`the server did not stop a cancelled statement within ${timeout} ms`), {
        code: "CANCEL_TIMEOUT",
      }),
    )
  const limit = timeout === 0 ? undefined : setTimeout(late, timeout)
  const endIfOver = (): boolean => {
    if (!request.isOver || isAsking) return request.isOver
    clearTimeout(limit)
    clearTimeout(again)
    done()
    return true
  }
  const ask = (): void => {
    isAsking = true
    session.cancel(() => {
      isAsking = false
      if (endIfOver()) return
      again = setTimeout(ask, pause)
      pause = Math.min(2 * pause, longestPause)
    })
  }
  request.onceOver(endIfOver)
  ask()
}
