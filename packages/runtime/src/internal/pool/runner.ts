/** The runner of tasks in a thread, as the loop sees it: it knows a task by a number, which is shorter than its name. */
import type { Link } from "../link/link.ts"

export class Runner {
  readonly link: Link
  readonly #modules = new Map<string, Map<string, number>>()
  #last = 0

  constructor(link: Link) {
    this.link = link
  }

  /** A task's number in this thread, which is told it before the first call. */
  numberOf({ module, name }: { readonly module: string; readonly name: string }): number {
    const numbers = this.#modules.get(module)
    return numbers?.get(name) ?? this.#define(module, name, numbers)
  }

  #define(module: string, name: string, numbers = new Map<string, number>()): number {
    const number = this.#last++
    this.#modules.set(module, numbers.set(name, number))
    // Only the end of the thread can stop it on its way, and the call that follows is told of that.
    this.link.call("define", [number, module, name], () => {})
    return number
  }
}
