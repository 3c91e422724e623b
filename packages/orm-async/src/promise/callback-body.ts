import { keepStack } from "../errors/caller-stack.ts"
import { ArgumentError } from "../errors/index.ts"
import { shown } from "../errors/shown.ts"
import type { Call, Leaving } from "../operation/call.ts"
import type { Done, Outcome } from "../operation/outcome.ts"
import type { RunningBlock } from "./running-block.ts"

/** A callback of the program as the body of a block. Whoever leaves the block does not wait for the callback. */
export class CallbackBody<Subject, A> implements Call<A> {
  readonly #block: RunningBlock
  readonly #callback: (subject: Subject) => PromiseLike<A> | A
  readonly #make: () => Subject
  #done: Done<A> | undefined

  /** @param make gives what the callback is called with */
  constructor(block: RunningBlock, callback: (subject: Subject) => PromiseLike<A> | A, make: () => Subject) {
    this.#block = block
    this.#callback = callback
    this.#make = make
  }

  start(done: Done<A>): void {
    this.#done = done
    this.#block.enter(() => this.#run())
  }

  #run(): void {
    // Left in the moment before it was to run.
    if (this.#done === undefined) return
    const callback = this.#callback
    if (typeof callback !== "function") return this.#end({ ok: false, error: notABlock(callback) })
    new Promise<A>((resolve) => resolve(callback(this.#make()))).then(
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
    this.#block.end(outcome.ok)
    this.#done?.(outcome)
  }
}

const notABlock = (given: unknown): ArgumentError =>
  new ArgumentError({
    message: `A block is a function of a connection or session, as in begin(async (conn) => { … }); got ${shown(given)}`,
  })

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
    this.#block.begun()
  }

  leave(): Leaving {
    const how = this.#call.leave()
    if (how !== "stay") this.#block.interrupt()
    return how
  }
}
