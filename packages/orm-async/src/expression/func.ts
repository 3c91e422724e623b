import { ArgumentError } from "../errors/usage-errors.ts"
import { unknownType } from "../types/sql-type.ts"
import { Expression } from "./expression.ts"
import { functionNode } from "./functions.ts"
import { literalNode } from "./literal.ts"

/** A function of the database. Arguments are expressions or plain values, which become parameters. */
export type SqlFunction = <A = unknown>(...args: ReadonlyArray<unknown>) => Expression<A>

/** Functions that SQLite or PostgreSQL has, for completion in editors. */
type KnownFunction =
  | "abs"
  | "array_agg"
  | "bool_and"
  | "bool_or"
  | "ceil"
  | "char_length"
  | "date"
  | "date_part"
  | "date_trunc"
  | "datetime"
  | "exp"
  | "first_value"
  | "floor"
  | "format"
  | "gen_random_uuid"
  | "greatest"
  | "group_concat"
  | "hex"
  | "ifnull"
  | "instr"
  | "json_agg"
  | "json_array"
  | "json_array_length"
  | "json_extract"
  | "json_object"
  | "jsonb_agg"
  | "jsonb_array_length"
  | "jsonb_build_object"
  | "jsonb_extract_path_text"
  | "julianday"
  | "lag"
  | "last_value"
  | "lead"
  | "least"
  | "left"
  | "ln"
  | "lpad"
  | "ltrim"
  | "md5"
  | "nth_value"
  | "ntile"
  | "nullif"
  | "power"
  | "quote"
  | "random"
  | "regexp_replace"
  | "replace"
  | "right"
  | "round"
  | "rpad"
  | "rtrim"
  | "sign"
  | "split_part"
  | "sqrt"
  | "strftime"
  | "string_agg"
  | "strpos"
  | "substr"
  | "substring"
  | "time"
  | "to_char"
  | "to_timestamp"
  | "total"
  | "trim"
  | "trunc"
  | "typeof"
  | "unicode"
  | "unixepoch"

/**
 * Functions of the database by their names. Any name will do; where `noUncheckedIndexedAccess` is on, TypeScript wants
 * a `!` after those that it does not know: `func.my_function!(1)`.
 */
export type FunctionNamespace = Readonly<Record<KnownFunction, SqlFunction>> & { readonly [name: string]: SqlFunction }

const functionName = /^[A-Za-z_][A-Za-z0-9_$]*$/

/**
 * Any function of the database, by its name. The result is what the driver gives, of the type that you state; wrap it
 * in `cast` or `typeCoerce` to have it decoded.
 *
 * @example
 * ```ts
 * import { func, select, table, text } from "@offloop/orm-async"
 *
 * const users = table("users", { name: text() })
 * select(func.substr<string>(users.c.name, 1, 3).as("short"))
 * ```
 * @see SQLAlchemy `sqlalchemy.func`
 */
export const func: FunctionNamespace = new Proxy({} as FunctionNamespace, {
  get: (_, name): SqlFunction | undefined => {
    if (typeof name !== "string") return undefined
    if (!functionName.test(name)) {
      throw new ArgumentError({ message: `${JSON.stringify(name)} is not a function's name` })
    }
    return (...args) => {
      const nodes = args.map((argument) => (argument instanceof Expression ? argument.node : literalNode(argument)))
      return new Expression(functionNode(name, nodes), unknownType)
    }
  },
})
