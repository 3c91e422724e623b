/** A queue that is also joined at its front, in which the order of arrival counts and any member may leave. */
export class Deque<A> {
  #front: Array<A> = []
  // A Set keeps the order of insertion, and a member that leaves costs nothing.
  readonly #back = new Set<A>()

  get length(): number {
    return this.#front.length + this.#back.size
  }

  /** The first member. */
  get first(): A | undefined {
    if (this.#front.length > 0) return this.#front.at(-1)
    for (const member of this.#back) return member
    return undefined
  }

  push(member: A): void {
    this.#back.add(member)
  }

  /** Joins at the front. */
  unshift(member: A): void {
    this.#front.push(member)
  }

  shift(): A | undefined {
    if (this.#front.length > 0) return this.#front.pop()
    for (const member of this.#back) {
      this.#back.delete(member)
      return member
    }
    return undefined
  }

  remove(member: A): void {
    if (!this.#back.delete(member)) this.#front = this.#front.filter((one) => one !== member)
  }
}
