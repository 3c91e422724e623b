import type { DriverCall, DriverResult, DriverUnit, DriverUnitCall } from "@offloop/orm-async/driver"
import { readAnswer, restOf, stateOf } from "./answers.ts"
import type { Flight } from "./flight.ts"
import type { KnownStatement } from "./known-statements.ts"
import type { RemoteCalls } from "./remote-calls.ts"
import type * as Wire from "./wire.ts"

type Statements = ReadonlyArray<KnownStatement | undefined>

/** A transaction of its own on its way to the worker, where it can be written together with others. */
export interface GroupMember {
  readonly flight: Flight
  /** The SQL of its statements. */
  readonly texts: ReadonlyArray<string>
  /** Sends it by itself. */
  sendAlone(isWrite: boolean): void
  /** Makes its part of the message for a group. */
  wire(statements: Statements): Wire.WireMember
  /** Takes its part of the answer in. */
  answered(statements: Statements, answer: Wire.WireAnswer | ReadonlyArray<Wire.WireAnswer>): void
}

/** One change. */
export class ChangeMember implements GroupMember {
  readonly flight: Flight<DriverResult>
  readonly texts: ReadonlyArray<string>
  readonly #calls: RemoteCalls
  readonly #call: DriverCall

  constructor(calls: RemoteCalls, call: DriverCall, flight: Flight<DriverResult>) {
    this.#calls = calls
    this.#call = call
    this.flight = flight
    this.texts = [call.sql]
  }

  sendAlone(isWrite: boolean): void {
    this.#calls.execute(this.#call, this.flight, isWrite)
  }

  wire([statement]: Statements): Wire.WireChange {
    const { sql, parameters } = this.#call
    return [this.#calls.code(statement, this.#call), statement === undefined ? sql : undefined, parameters]
  }

  answered([statement]: Statements, answer: Wire.WireAnswer): void {
    this.#calls.result(this.flight, statement, answer)
  }
}

/** The statements of a unit. */
export class UnitMember implements GroupMember {
  readonly flight: Flight<ReadonlyArray<DriverResult>>
  readonly texts: ReadonlyArray<string>
  readonly #calls: RemoteCalls
  readonly #unit: DriverUnit

  constructor(calls: RemoteCalls, unit: DriverUnit, flight: Flight<ReadonlyArray<DriverResult>>) {
    this.#calls = calls
    this.#unit = unit
    this.flight = flight
    this.texts = unit.calls.map(({ sql }) => sql)
  }

  sendAlone(isWrite: boolean): void {
    const { statements } = this.#calls
    const pinned = statements.pinAll(this.texts)
    const [begin, steps] = this.wire(pinned)
    statements.unpin(pinned)
    this.#calls.send(this.flight, isWrite, "executeUnit", [begin, steps], (answers) => this.answered(pinned, answers))
  }

  wire(statements: Statements): Wire.WireUnit {
    const { begin, calls } = this.#unit
    return [begin, calls.map((call, index) => this.#step(call, statements[index]))]
  }

  answered(statements: Statements, answers: ReadonlyArray<Wire.WireAnswer>): void {
    for (const answer of answers) this.#calls.answered(this.flight, stateOf(answer))
    const rests = answers.map(restOf)
    const results = answers.map((answer, index) => readAnswer(statements[index], answer))
    this.#calls.complete(this.flight, results, rests, (whole) => this.#calls.end(this.flight, whole))
  }

  #step(call: DriverUnitCall, statement: KnownStatement | undefined): Wire.WireStep {
    const isBatch = "parameterSets" in call
    const values = isBatch ? call.parameterSets : call.parameters
    const sql = statement === undefined ? call.sql : undefined
    return [this.#calls.code(statement, call), sql, isBatch, values, call.expectedRowCount]
  }
}
