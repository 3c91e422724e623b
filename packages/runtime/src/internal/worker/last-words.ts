/** What nobody caught in a thread, as it was: the runtimes tell of it only what each of them clones of an error. */
import process from "node:process"

/** Where Deno tells of it. */
interface Scope {
  addEventListener(
    type: string,
    listener: (event: { readonly error?: unknown; readonly reason?: unknown }) => void,
  ): void
}

let dying = false

/** Whether something that nobody caught is about to end this thread: nothing more is to begin. */
export const isDying = (): boolean => dying

/** Is told of it. What the program does about such errors is its own affair. */
export const onUncaught = (tell: (thrown: unknown) => void): void => {
  if ("Deno" in globalThis) {
    const scope = globalThis as unknown as Scope
    scope.addEventListener("error", ({ error }) => tell(error))
    scope.addEventListener("unhandledrejection", ({ reason }) => tell(reason))
    return
  }
  process.on("uncaughtExceptionMonitor", tell)
  // Bun does not tell that listener of rejections. Uncaught they end the thread, as in Node; with code 0 otherwise.
  if ("Bun" in globalThis) {
    process.on("unhandledRejection", (reason) => {
      // Whoever listens too has seen to it.
      if (process.listenerCount("unhandledRejection") > 1) return
      dying = true
      setImmediate(() => {
        throw reason
      })
    })
  }
}
