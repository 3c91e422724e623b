/**
 * Brings what a worker's code has to say to the loop, over the ring that brings the answers: so it comes before the answer
 * of the call that it was said in. What is urgent is shown at once, the rest with the next thing that is.
 */
import { clearTimeout, setTimeout } from "node:timers"
import * as Protocol from "../transport/protocol.ts"
import type { Outgoing } from "../transport/wire.ts"
import { inWords } from "./carried.ts"
import type { MetricKey, MetricUpdate } from "./metric-key.ts"
import { Pending } from "./metric-pending.ts"
import { type Here, place } from "./place.ts"
import { type Report, renderedReport } from "./records.ts"
import { type Outlet, Scope } from "./scope.ts"
import type { Sent } from "./sent.ts"

/** What is not urgent is shown after so many milliseconds, while code goes on. */
const PATIENCE = 50

/** A call whose code runs in a worker. */
class WorkerScope extends Scope {
  readonly outlet: Courier

  constructor(id: number, sent: Sent | undefined, courier: Courier) {
    super(id, sent)
    this.outlet = courier
  }
}

export class Courier implements Outlet {
  readonly #outbox: Outgoing
  readonly #show: () => void
  readonly #current: () => { readonly call: number; readonly sent: Sent | undefined }
  readonly #outside: Scope
  readonly #scopes = new Map<number, Scope>()
  readonly #metrics = new Pending()
  #shown = performance.now()
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `show` makes the loop see what was sent; `current` says which call runs, and what it brought along. */
  constructor(
    outbox: Outgoing,
    show: () => void,
    current: () => { readonly call: number; readonly sent: Sent | undefined },
  ) {
    this.#outbox = outbox
    this.#show = show
    this.#current = current
    this.#outside = new WorkerScope(0, undefined, this)
    place.host = () => this.#here()
    place.onStorage = () => this.#hello()
    if (place.storage !== undefined) this.#hello()
  }

  /** Whether there is anything to be done before an answer. */
  used = false

  /** A call begins whose code is to be followed through its `await`s. */
  enter(id: number, sent: Sent | undefined): Here {
    const scope = new WorkerScope(id, sent, this)
    this.#scopes.set(id, scope)
    this.used = true
    return scope
  }

  /** A call is about to be answered. */
  answered(id: number): void {
    this.#tellMetrics()
    const scope = this.#scopes.get(id)
    if (scope !== undefined) scope.open = false
    this.#scopes.delete(id)
    this.used = this.#scopes.size > 0
    if (!this.used) this.#stopTimer()
  }

  tell(scope: Scope, report: Report, urgent: boolean): void {
    // What code goes on to say after its call was answered belongs to nobody in particular.
    this.#send(scope.open ? scope.id : 0, report)
    if (urgent) this.flush()
    else this.#soon()
  }

  update(key: MetricKey, update: MetricUpdate): void {
    if (this.#metrics.add(key, update)) this.#tellMetrics()
    this.used = true
    this.#soon()
  }

  /** Shows the loop what was told so far. */
  flush(): void {
    this.#tellMetrics()
    this.#stopTimer()
    this.#shown = performance.now()
    this.#show()
  }

  #here(): Here {
    const { call, sent } = this.#current()
    return call === 0 ? this.#outside : (this.#scopes.get(call) ?? this.enter(call, sent))
  }

  #hello(): void {
    this.#send(0, { type: "hello" })
    this.#show()
  }

  #send(id: number, report: Report): void {
    try {
      this.#outbox.send(Protocol.REPORT, id, 0, report)
    } catch {
      this.#retell(id, report)
    }
  }

  #retell(id: number, report: Report): void {
    try {
      this.#outbox.send(Protocol.REPORT, id, 0, renderedReport(report))
    } catch {
      this.#outbox.send(Protocol.REPORT, id, 0, renderedReport(report, inWords))
    }
  }

  #tellMetrics(): void {
    for (const record of this.#metrics.take()) this.#send(0, record)
  }

  // A thread that blocks fires no timer, so whoever has something to say looks at the clock too.
  #soon(): void {
    if (performance.now() - this.#shown > PATIENCE) this.flush()
    else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.flush(), PATIENCE)
      this.#timer.unref()
    }
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
