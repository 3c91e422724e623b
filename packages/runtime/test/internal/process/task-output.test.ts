import { expect, test } from "vitest"
import { markLine, TaskOutput } from "../../../src/internal/process/task-output.ts"

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const mark = (number: number): string => `${markLine("token", number)}\n`

/** What each task was told, whatever pieces the text came in. */
const read = (text: string, size: number, numbers: ReadonlyArray<number>): ReadonlyArray<string> => {
  const told: string[] = []
  const output = new TaskOutput<string>("token", "none", (listener, line) => told.push(`${listener}: ${line}`))
  for (const number of numbers) output.expect(number, `task ${number}`)
  const bytes = bytesOf(text)
  for (let at = 0; at < bytes.length; at += size) output.add(bytes.subarray(at, at + size))
  output.end()
  return told
}

test("lines belong to the task whose mark is before them, in whatever pieces they are read", () => {
  const text = `early\n${mark(1)}a\nb${mark(2)}${mark(3)}\n\nc\n${mark(4)}d\n\n`
  for (const size of [1, 2, 3, 7, 1000]) {
    expect(read(text, size, [1, 2, 3, 4])).toEqual([
      "none: early",
      "task 1: a",
      "task 1: b",
      "task 3: ",
      "task 3: ",
      "task 3: c",
      "task 4: d",
      "task 4: ",
    ])
  }
})

test("a mark of another process, or one that nobody expects, changes nothing", () => {
  const text = `a\n${mark(7)}b\n\n\0offloop other 1\nc\n`
  expect(read(text, 1000, [1])).toEqual(["none: a", "none: b", "none: ", "none: \0offloop other 1", "none: c"])
})
