import type { Call, Leaving } from "../operation/call.ts"
import type { Done, Outcome } from "../operation/outcome.ts"
import { keepStack } from "./caller-stack.ts"
import type { RunningBlock } from "./running-block.ts"

/** A callback of the program as the body of a block. Whoever leaves the block does not wait for the callback. */
export class CallbackBody<A> implements Call<A> {
  readonly #block: RunningBlock
  readonly #callback: () => PromiseLike<A> | A
  #done: Done<A> | undefined

  constructor(block: RunningBlock, callback: () => PromiseLike<A> | A) {
    this.#block = block
    this.#callback = callback
  }

  start(done: Done<A>): void {
    this.#done = done
    new Promise<A>((resolve) => resolve(this.#callback())).then(
      (value) => this.#end({ ok: true, value }),
      (error) => {
        keepStack(error)
        this.#end({ ok: false, error })
      },
    )
  }

  leave(): Leaving {
    this.#done = undefined
    this.#block.interrupt()
    return "gone"
  }

  #end(outcome: Outcome<A>): void {
    this.#block.end()
    this.#done?.(outcome)
  }
}

/** A block as a call: whoever leaves it leaves the calls that its callback has made and not awaited as well. */
export class BlockCall<A> implements Call<A> {
  readonly #call: Call<A>
  readonly #block: RunningBlock

  constructor(call: Call<A>, block: RunningBlock) {
    this.#call = call
    this.#block = block
  }

  start(done: Done<A>): void {
    this.#call.start(done)
  }

  leave(): Leaving {
    const how = this.#call.leave()
    if (how !== "stay") this.#block.interrupt()
    return how
  }
}
