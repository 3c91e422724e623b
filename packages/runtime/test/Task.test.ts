import { describe, expect, expectTypeOf, test } from "vitest"
import { Task } from "../src/index.ts"
import type * as fixtures from "./fixtures/tasks.ts"

describe("Task.fromModule", () => {
  const url = new URL("./fixtures/tasks.ts", import.meta.url)
  const tasks = Task.fromModule<typeof fixtures>(url)

  test("refers to an export by its module's URL and its name, without loading it", () => {
    expect(tasks.add).toEqual({ module: url.href, name: "add" })
    expect(Task.fromModule<typeof fixtures>(url.href).add).toEqual(tasks.add)
    expect(tasks.add).toBe(tasks.add)
    expect(Object.isFrozen(tasks.add)).toBe(true)
  })

  test("is not taken for a promise", async () => {
    expect(await Promise.resolve(tasks)).toBe(tasks)
  })

  test("has every function export with its types, and nothing else", () => {
    expectTypeOf(tasks.add).toEqualTypeOf<Task.Task<[a: number, b: number], number>>()
    expectTypeOf(tasks.later).toEqualTypeOf<Task.Task<[value: string], Promise<string>>>()
    expectTypeOf<keyof typeof tasks>().not.toEqualTypeOf<keyof typeof fixtures>()
    // @ts-expect-error: not a function
    expect(tasks.notAFunction).toBeDefined()
    // @ts-expect-error: not exported
    expect(tasks.nope).toBeDefined()
  })
})
