import { describe, expect, test } from "vitest"
import { portray, rebuild } from "../../../src/internal/transport/portrait.ts"

/** As over a thread: what a portrait consists of can be cloned. */
const cross = (thrown: unknown): unknown => rebuild(structuredClone(portray(thrown)))

class QueryError extends Error {
  override readonly name = "QueryError"
  readonly _tag = "QueryError"
  readonly code = "SQLITE_BUSY"
  readonly details: { readonly table: string }
  constructor(message: string, table: string, options?: ErrorOptions) {
    super(message, options)
    this.details = { table }
  }
}

describe("portrait", () => {
  test("an error keeps its name, message, code, tag, stack and own properties", () => {
    const thrown = new QueryError("database is locked", "cities")
    const received = cross(thrown) as QueryError
    expect(received).toBeInstanceOf(Error)
    expect(received.name).toBe("QueryError")
    expect(received.message).toBe("database is locked")
    expect(received.code).toBe("SQLITE_BUSY")
    expect(received._tag).toBe("QueryError")
    expect(received.details).toEqual({ table: "cities" })
    expect(received.stack).toBe(thrown.stack)
    expect(Object.keys(received).sort()).toEqual(["_tag", "code", "details"])
  })

  test("built-in classes stay themselves", () => {
    for (const Class of [TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError]) {
      const received = cross(new Class("m"))
      expect(received).toBeInstanceOf(Class)
      expect((received as Error).name).toBe(Class.name)
    }
  })

  test("the chain of causes arrives, down to a value that is no error", () => {
    const received = cross(new Error("a", { cause: new QueryError("b", "t", { cause: { errno: 5 } }) })) as Error
    expect((received.cause as Error).name).toBe("QueryError")
    expect((received.cause as Error).cause).toEqual({ errno: 5 })
  })

  test("a chain of causes that bites its own tail ends", () => {
    const error = new Error("loop")
    error.cause = error
    let current: unknown = cross(error)
    let length = 0
    while (current instanceof Error) {
      current = current.cause
      length++
    }
    expect(length).toBeGreaterThan(1)
    expect(length).toBeLessThan(100)
  })

  test("the members of an AggregateError arrive", () => {
    const received = cross(new AggregateError([new QueryError("one", "t"), "two"], "all")) as AggregateError
    expect(received).toBeInstanceOf(AggregateError)
    expect(received.message).toBe("all")
    expect((received.errors[0] as QueryError).code).toBe("SQLITE_BUSY")
    expect(received.errors[1]).toBe("two")
  })

  test("a code that is an accessor of the class arrives", () => {
    class Coded extends Error {
      get code(): string {
        return "E_ACCESSOR"
      }
    }
    expect((cross(new Coded("m")) as Coded).code).toBe("E_ACCESSOR")
  })

  test("values that are no errors arrive as themselves", () => {
    for (const value of ["text", 42, null, undefined, { a: 1 }, [1]]) expect(cross(value)).toEqual(value)
  })

  test("what cannot cross in an error is described instead of losing the error", () => {
    const thrown = Object.assign(new Error("m"), {
      method: () => 1,
      weak: new WeakMap(),
      inner: new TypeError("inside"),
      symbol: Symbol("s"),
    })
    const received = cross(thrown) as Error & Record<string, unknown>
    expect(received.message).toBe("m")
    expect("method" in received).toBe(false)
    expect(received.weak).toBe("[object WeakMap]")
    expect(received.inner).toBe("TypeError: inside")
    expect(received.symbol).toBe("Symbol(s)")
    expect(cross(Symbol("thrown"))).toBe("Symbol(thrown)")
    expect(cross(() => 1)).toContain("=>")
  })

  test("accessors that throw do not hide the error", () => {
    const thrown = new Error("m")
    Object.defineProperty(thrown, "bad", {
      enumerable: true,
      get: () => {
        throw new Error("no")
      },
    })
    expect((cross(thrown) as { bad?: unknown }).bad).toBe("[bad threw Error: no]")
  })
})
