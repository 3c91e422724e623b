import { readFileSync } from "node:fs"
import { runInNewContext } from "node:vm"
import * as Data from "effect/Data"
import * as Schema from "effect/Schema"
import * as fc from "fast-check"
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

  test("a chain of causes that bites its own tail arrives as one, also across several errors", () => {
    const error = new Error("loop")
    error.cause = error
    const received = cross(error) as Error
    expect(received.cause).toBe(received)
    const one = new Error("one")
    one.cause = new AggregateError([one, new Error("two", { cause: one })], "all")
    const back = cross(one) as Error & { cause: AggregateError }
    expect(back.cause.errors[0]).toBe(back)
    expect(back.cause.errors[1].cause).toBe(back)
  })

  test("a chain of causes arrives whole up to a thousand errors, and then says that it was cut", () => {
    const chain = (length: number): Error => {
      let error = new Error("root")
      for (let n = 1; n < length; n++) error = new Error(`${n}`, { cause: error })
      return error
    }
    const ofTexts = (received: unknown): string[] => {
      const texts: string[] = []
      for (let at = received; at !== undefined; at = at instanceof Error ? at.cause : undefined) {
        texts.push(at instanceof Error ? at.message : String(at))
      }
      return texts
    }
    expect(ofTexts(cross(chain(1000))).at(-1)).toBe("root")
    const cut = ofTexts(cross(chain(50_000)))
    expect(cut).toHaveLength(1001)
    expect(cut.at(-1)).toContain("cut after 1000 errors")
    const endless = new (class extends Error {
      override get cause(): unknown {
        return new (this.constructor as new (message: string) => Error)("again")
      }
    })("first")
    expect(ofTexts(cross(endless))).toHaveLength(1001)
  })

  test("errors among the properties arrive as errors, alone and in lists; a list named errors is nothing special", () => {
    const thrown = Object.assign(new Error("m"), {
      original: new QueryError("inner", "t"),
      errors: [new TypeError("first"), { path: "a" }],
      none: [],
    })
    const received = cross(thrown) as typeof thrown
    expect(received.original).toMatchObject({ message: "inner", code: "SQLITE_BUSY" })
    expect(received.errors[0]).toBeInstanceOf(TypeError)
    expect(received.errors[1]).toEqual({ path: "a" })
    expect(received.none).toEqual([])
    expect(Object.keys(received)).toEqual(["original", "errors", "none"])
  })

  test("a DOMException stays one, with its name and legacy code", () => {
    const aborted = AbortSignal.abort().reason as DOMException
    const received = cross(aborted) as DOMException
    expect(received).toBeInstanceOf(DOMException)
    expect([received.name, received.code, received.message]).toEqual(["AbortError", 20, aborted.message])
    expect(Object.keys(received)).toEqual(Object.keys(aborted))
    expect(received.stack).toBe(aborted.stack)
  })

  test("a SuppressedError arrives with both of its errors, where the runtime has the class and where it has not", () => {
    const Class = (globalThis as { SuppressedError?: new (...args: unknown[]) => Error }).SuppressedError
    const error = new QueryError("in the block", "t")
    const suppressed = new TypeError("when closing")
    const thrown =
      Class === undefined
        ? Object.assign(new Error("both"), { name: "SuppressedError", error, suppressed })
        : new Class(error, suppressed, "both")
    const received = cross(thrown) as Error & { error: QueryError; suppressed: unknown }
    if (Class !== undefined) expect(received).toBeInstanceOf(Class)
    expect(received.name).toBe("SuppressedError")
    expect(received.error.code).toBe("SQLITE_BUSY")
    expect(received.suppressed).toBeInstanceOf(TypeError)
  })

  test("errors of Effect arrive with their tag and fields", () => {
    class Tagged extends Data.TaggedError("Tagged")<{ readonly id: number; readonly cause?: unknown }> {}
    class Described extends Schema.TaggedError<Described>()("Described", { when: Schema.Number }) {
      override get message(): string {
        return `at ${this.when}`
      }
    }
    const received = cross(new Tagged({ id: 1, cause: new Described({ when: 7 }) })) as Tagged
    expect([received.name, received._tag, received.id]).toEqual(["Tagged", "Tagged", 1])
    expect(received.cause).toMatchObject({ name: "Described", _tag: "Described", when: 7, message: "at 7" })
  })

  test("an error of the system arrives with errno, code, syscall and path", () => {
    let thrown: unknown
    try {
      readFileSync("/nowhere/at/all")
    } catch (error) {
      thrown = error
    }
    const { errno, code, syscall, path } = thrown as NodeJS.ErrnoException
    expect(code).toBe("ENOENT")
    expect(cross(thrown)).toMatchObject({ errno, code, syscall, path: "/nowhere/at/all" })
    expect(path).toBe("/nowhere/at/all")
  })

  test("frozen errors, errors of other realms and errors with odd names arrive", () => {
    expect((cross(Object.freeze(new QueryError("frozen", "t"))) as QueryError).details).toEqual({ table: "t" })
    const foreign = runInNewContext("Object.assign(new TypeError('far'), { code: 'E_FAR' })")
    expect(foreign instanceof Error).toBe(false)
    expect(cross(foreign)).toBeInstanceOf(TypeError)
    expect(cross(foreign)).toMatchObject({ message: "far", code: "E_FAR" })
    expect(cross(Object.assign(new Error("m"), { name: 7 }))).toMatchObject({ name: "Error", message: "m" })
  })

  test("thrown objects with accessors are read once, and what refuses to be read is described", () => {
    let reads = 0
    const thrown = {
      get n(): number {
        return ++reads
      },
    }
    const portrait = portray(thrown)
    structuredClone(portrait)
    expect(rebuild(structuredClone(portrait))).toEqual({ n: 1 })
    const bad = {
      get n(): number {
        throw new Error("no")
      },
    }
    expect(cross(bad)).toBe("[object Object]")
    expect(
      cross(
        Object.create(null, { toString: { value: () => Promise.reject }, f: { enumerable: true, value: () => 1 } }),
      ),
    ).toBe("[object Object]")
    const { proxy, revoke } = Proxy.revocable(new Error("gone"), {})
    revoke()
    expect(cross(proxy)).toBe("[a value that cannot be read]")
    expect(cross(new Error("around", { cause: proxy }))).toMatchObject({ cause: "[a value that cannot be read]" })
  })

  test("whatever is thrown arrives, and nothing that is thrown can break the crossing", () => {
    const errors = fc.letrec((tie) => ({
      thrown: fc.oneof(
        { maxDepth: 2 },
        fc.anything({ maxDepth: 1, maxKeys: 3, withBigInt: true, withDate: true, withMap: true }),
        tie("error"),
      ),
      error: fc
        .tuple(
          fc.string(),
          tie("thrown"),
          fc.dictionary(fc.string(), tie("thrown"), { maxKeys: 2 }),
          fc.array(tie("thrown"), { maxLength: 2 }),
        )
        .map(([message, cause, properties, members]) =>
          Object.defineProperties(
            members.length > 0 ? new AggregateError(members, message, { cause }) : new Error(message, { cause }),
            Object.getOwnPropertyDescriptors({ ...properties, stack: "stack", message }),
          ),
        ),
    })).error
    fc.assert(
      fc.property(errors, (thrown) => {
        const received = cross(thrown) as Error
        expect(received.message).toBe(thrown.message)
        expect("cause" in received ? typeof received.cause : "undefined").toBe(typeof thrown.cause)
      }),
    )
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
    expect(received.inner).toBeInstanceOf(TypeError)
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
