/** A task's implementation between its arguments as they come and its result as it goes: the worker's side of a contract. */
import * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { sourceOf } from "../stream/iterate.ts"
import { isThenable } from "../thenable.ts"
import type { Definition } from "./definition.ts"
import { issuesOf } from "./issues.ts"
import { Declared, Mismatch } from "./thrown.ts"

type Implementation = (...args: ReadonlyArray<unknown>) => unknown
type Rethrow = (thrown: unknown) => never
type Convert = (value: unknown) => Either.Either<unknown, ParseResult.ParseError>

export const checked = (definition: Definition, run: Implementation): Implementation => {
  const decodeArgs = Schema.decodeUnknownEither(definition.args)
  const rethrow = rethrower(definition)
  const streams = "items" in definition
  const encode = Schema.encodeUnknownEither(streams ? definition.items : definition.success)
  const give = streams
    ? (iterable: unknown) => iterate(iterable, encode, rethrow)
    : (value: unknown) => convert(encode, "result", "result", value)
  return (...args) => {
    const decoded = convert(decodeArgs, "arguments", "args", args) as ReadonlyArray<unknown>
    const value = attempt(() => run(...decoded), rethrow)
    return isThenable(value) ? Promise.resolve(value).then(give, rethrow) : give(value)
  }
}

const convert = (with_: Convert, value: Mismatch["value"], root: string, from: unknown): unknown => {
  const converted = with_(from)
  if (Either.isRight(converted)) return converted.right
  throw new Mismatch(value, issuesOf(converted.left, root))
}

/** Throws what the contract declares as that; everything else as it is. */
const rethrower = ({ failure }: Definition): Rethrow => {
  if (failure === undefined) {
    return (thrown) => {
      throw thrown
    }
  }
  const declared = Schema.is(failure)
  const encode = Schema.encodeUnknownEither(failure)
  return (thrown) => {
    if (!declared(thrown)) throw thrown
    throw new Declared(convert(encode, "failure", "failure", thrown), thrown)
  }
}

const attempt = <A>(run: () => A, rethrow: Rethrow): A => {
  try {
    return run()
  } catch (thrown) {
    return rethrow(thrown)
  }
}

const iterate = (iterable: unknown, encode: Convert, rethrow: Rethrow): unknown => {
  const source = sourceOf(iterable)
  // What cannot be iterated is told to who asked for it.
  if (source === undefined) return iterable
  let index = 0
  const item = (value: unknown): unknown => convert(encode, "result", `items[${index++}]`, value)
  return source.later ? later(source.iterator, item, rethrow) : atOnce(source.iterator, item, rethrow)
}

function* atOnce(iterator: Iterator<unknown>, item: (value: unknown) => unknown, rethrow: Rethrow): Generator<unknown> {
  let done = false
  try {
    for (;;) {
      const step = attempt(
        () => iterator.next(),
        (thrown) => {
          done = true
          return rethrow(thrown)
        },
      )
      if (step.done === true) {
        done = true
        return
      }
      yield item(step.value)
    }
  } finally {
    if (!done) attempt(() => iterator.return?.(), rethrow)
  }
}

async function* later(
  iterator: AsyncIterator<unknown>,
  item: (value: unknown) => unknown,
  rethrow: Rethrow,
): AsyncGenerator<unknown> {
  let done = false
  try {
    for (;;) {
      const step = await iterator.next().catch((thrown: unknown) => {
        done = true
        return rethrow(thrown)
      })
      if (step.done === true) {
        done = true
        return
      }
      yield item(step.value)
    }
  } finally {
    if (!done) await iterator.return?.().catch(rethrow)
  }
}
