import { kindOf, ValueProblem } from "./value-problem.ts"

/** Where nothing is known of the type: what every driver can bind passes; a Date is encoded by the dialect. */
export const encodeUnknown =
  (encodeDate: (value: unknown) => unknown, encodeBoolean: (value: unknown) => unknown) =>
  (value: unknown): unknown => {
    switch (typeof value) {
      case "string":
      case "number":
      case "bigint":
        return value
      case "boolean":
        return encodeBoolean(value)
      default:
        if (value instanceof Date) return encodeDate(value)
        if (value instanceof Uint8Array) return value
        throw new ValueProblem(
          `${kindOf(value)} cannot be a parameter without a type; state one, as in literal(value, json())`,
        )
    }
  }
