import type { Call, Leaving } from "./call.ts"
import type { Done } from "./outcome.ts"

/** A module that is imported when the first call needs it. */
export class LazyModule<Module> {
  readonly #import: () => Promise<Module>
  #module: Module | undefined

  /** @param load imports the module */
  constructor(load: () => Promise<Module>) {
    this.#import = load
  }

  /** A call that is made of the module: at once where that was loaded before. */
  call<A>(make: (module: Module) => Call<A>): Call<A> {
    const module = this.#module
    return module === undefined ? new LoadedCall(() => this.#load(), make) : make(module)
  }

  async #load(): Promise<Module> {
    this.#module = await this.#import()
    return this.#module
  }
}

/** A call of a module that is being loaded. A caller who leaves meanwhile begins nothing. */
class LoadedCall<Module, A> implements Call<A> {
  readonly #load: () => Promise<Module>
  readonly #make: (module: Module) => Call<A>
  #call: Call<A> | undefined
  #hasLeft = false

  constructor(load: () => Promise<Module>, make: (module: Module) => Call<A>) {
    this.#load = load
    this.#make = make
  }

  start(done: Done<A>): void {
    this.#load().then(
      (module) => this.#begin(module, done),
      (error: unknown) => {
        if (!this.#hasLeft) done({ ok: false, error })
      },
    )
  }

  leave(): Leaving {
    if (this.#call !== undefined) return this.#call.leave()
    this.#hasLeft = true
    return "gone"
  }

  #begin(module: Module, done: Done<A>): void {
    if (this.#hasLeft) return
    let call: Call<A>
    try {
      call = this.#make(module)
    } catch (error) {
      return done({ ok: false, error })
    }
    this.#call = call
    call.start(done)
  }
}
