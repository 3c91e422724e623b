/** A task's codec, from its definition: the loop's side of a contract. */
import * as Either from "effect/Either"
import type * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { TaskSchemaError } from "../../errors.ts"
import type { Codec } from "../task/codec.ts"
import type { Definition } from "./definition.ts"
import { issuesOf } from "./issues.ts"
import { isDeclared, isMismatch } from "./thrown.ts"

type Convert = (value: unknown) => Either.Either<unknown, ParseResult.ParseError>

export const codecOf = (definition: Definition): Codec => {
  const encodeArgs = Schema.encodeUnknownEither(definition.args)
  const result = Schema.decodeUnknownEither("items" in definition ? definition.items : definition.success)
  const failure = definition.failure && Schema.decodeUnknownEither(definition.failure)
  return {
    encodeArgs: (target, args) => convert(encodeArgs, target, "arguments", "args", args) as ReadonlyArray<unknown>,
    decodeResult: (target, value) => convert(result, target, "result", "result", value),
    decodeFailure: (target, thrown) => {
      if (isMismatch(thrown)) return new TaskSchemaError({ target, value: thrown.value, issues: thrown.issues })
      if (failure === undefined || !isDeclared(thrown)) return undefined
      try {
        return withStack(convert(failure, target, "failure", "failure", thrown.failure), thrown.stack)
      } catch (error) {
        return error
      }
    },
  }
}

const convert = (
  with_: Convert,
  target: string,
  value: TaskSchemaError["value"],
  root: string,
  from: unknown,
): unknown => {
  const converted = with_(from)
  if (Either.isRight(converted)) return converted.right
  throw new TaskSchemaError({ target, value, issues: issuesOf(converted.left, root) })
}

// An error made again here would point here; it was thrown there.
const withStack = (failure: unknown, stack: string | undefined): unknown => {
  if (failure instanceof Error && stack !== undefined) {
    Object.defineProperty(failure, "stack", { value: stack, writable: true, enumerable: false, configurable: true })
  }
  return failure
}
