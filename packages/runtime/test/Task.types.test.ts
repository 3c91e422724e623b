import * as Effect from "effect/Effect"
import { describe, expect, expectTypeOf, test } from "vitest"
import { type Backend, InlineBackend, type NotATaskError, OffLoop, Resident, Task } from "../src/index.ts"

interface Point {
  readonly x: number
  norm(): number
}

interface Tree {
  readonly label: string
  readonly children: ReadonlyArray<Tree>
}

interface Module {
  add(a: number, b?: number): number
  each(items: string[], onItem: (item: string) => void): void
  options(input: string, options?: { readonly depth?: number; readonly onDone?: () => void }): string
  point(point: Point): number
  symbol(key: symbol): void
  deep(value: { readonly a: { readonly b: Promise<number> } }): void
  signal(signal: AbortSignal): void
  weak(map: WeakMap<object, number>): void
  tree(tree: Tree): number
  data(a: Uint8Array, b: Map<string, Date>, c: SharedArrayBuffer, d: Error, e: MessagePort, f: RegExp | null): void
  unknown(value: unknown): unknown
  rest(...values: ReadonlyArray<string | bigint>): void
}

const tasks = Task.fromModule<Module>("file:///none.js")

describe("the types of tasks", () => {
  test("leave what can cross as it is", () => {
    expectTypeOf(tasks.add).toEqualTypeOf<Task.Task<Parameters<Module["add"]>, number>>()
    expectTypeOf(tasks.tree).toEqualTypeOf<Task.Task<[tree: Tree], number>>()
    expectTypeOf(tasks.unknown).toEqualTypeOf<Task.Task<[value: unknown], unknown>>()
    expectTypeOf(tasks.rest).toEqualTypeOf<Task.Task<readonly (string | bigint)[], void>>()
    expectTypeOf<Task.Sendable<Parameters<Module["data"]>>>().toEqualTypeOf<Parameters<Module["data"]>>()
  })

  test("refuse functions, symbols, promises, signals and weak collections", () => {
    const programs = () => [
      // @ts-expect-error A function cannot cross.
      OffLoop.runSync(tasks.each, ["a"], () => {}),
      OffLoop.runSync(tasks.options, "a", { depth: 1 }),
      // @ts-expect-error Nor one among options.
      OffLoop.runSync(tasks.options, "a", { depth: 1, onDone: () => {} }),
      // @ts-expect-error Nor an object with methods.
      OffLoop.runSync(tasks.point, { x: 1, norm: () => 1 }),
      // @ts-expect-error Nor a symbol.
      OffLoop.runSync(tasks.symbol, Symbol.iterator),
      // @ts-expect-error Nor a promise, however deep.
      OffLoop.runSync(tasks.deep, { a: { b: Promise.resolve(1) } }),
      // @ts-expect-error Nor a signal.
      OffLoop.runSync(tasks.signal, AbortSignal.abort()),
      // @ts-expect-error Nor a weak collection.
      OffLoop.runSync(tasks.weak, new WeakMap()),
      // @ts-expect-error The task itself is a reference, not a function.
      OffLoop.runSync(() => 1),
      // @ts-expect-error
      OffLoop.calls(tasks).each(["a"], () => {}),
    ]
    expect(programs).toBeTypeOf("function")
    expectTypeOf<Task.Sendable<() => void>>().toExtend<Task.CannotCross<string>>()
  })

  test("refuse the same in the methods of a resident", () => {
    const program = (resident: Resident.Resident<Module>) => [
      resident.call("add", 1),
      // @ts-expect-error A function cannot cross.
      resident.call("each", ["a"], () => {}),
    ]
    expect(program).toBeTypeOf("function")
  })

  test("programs may be generic over tasks", () => {
    const twice = <Args extends ReadonlyArray<unknown>, A>(task: Task.Task<Args, A>, ...args: Args) =>
      Effect.all([OffLoop.runSync(task, ...args), OffLoop.runSync(task, ...args)])
    expectTypeOf(twice(tasks.add, 1)).toExtend<Effect.Effect<[number, number], OffLoop.RunError, OffLoop.OffLoop>>()
  })
})

describe("a function in the place of a task", () => {
  test("is a defect that says what a task is and how to make one", async () => {
    const live = Effect.provide(OffLoop.layer())
    const closure = (() => 1) as never
    const programs: ReadonlyArray<
      readonly [string, Effect.Effect<unknown, unknown, OffLoop.OffLoop | Backend.Backend>]
    > = [
      ["OffLoop.runSync", OffLoop.runSync(closure)],
      ["OffLoop.run", OffLoop.run(closure)],
      ["Resident.make", Effect.scoped(Resident.make(closure, 1))],
    ]
    for (const [target, program] of programs) {
      const cause = await Effect.runPromise(
        Effect.sandbox(program).pipe(Effect.flip, live, Effect.provide(InlineBackend.layer)),
      )
      expect(cause).toMatchObject({ _tag: "Die", defect: { _tag: "NotATaskError", target, found: "a function" } })
      expect((cause as unknown as { readonly defect: NotATaskError }).defect.message).toContain(
        'const tasks = Task.fromModule(new URL("./tasks.js", import.meta.url))',
      )
    }
  })
})
