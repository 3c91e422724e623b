import { CompileError } from "../errors/usage-errors.ts"
import type { CustomTypeDefinition } from "../types/custom-type.ts"
import { ValueProblem } from "./value-problem.ts"

const guarded =
  (what: string, convert: (value: never) => unknown) =>
  (value: unknown): unknown => {
    try {
      return convert(value as never)
    } catch (cause) {
      if (cause instanceof ValueProblem) throw cause
      throw new ValueProblem(
        `the custom type's ${what}() failed: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      )
    }
  }

/** The functions and DDL name of a custom type on a dialect; `bindable` checks what its `encode` makes. */
export const customCodec = (
  definition: CustomTypeDefinition<unknown>,
  dialect: string,
  bindable: (value: unknown) => unknown,
) => {
  const encode = guarded("encode", definition.encode)
  const ddl = definition.sqlType[dialect] ?? definition.sqlType.default
  if (ddl === undefined) {
    throw new CompileError({
      message: `A custom type has no SQL type for ${dialect}. Add "${dialect}" or "default" to its sqlType`,
    })
  }
  return {
    ddl,
    encode: (value: unknown): unknown => {
      const encoded = encode(value)
      return encoded === null ? null : bindable(encoded)
    },
    decode: guarded("decode", definition.decode),
  }
}
