/** Why something failed, as plain data: Effect's `Cause` with its errors as portraits. */
import { inText, type Portrait } from "../transport/portrait.ts"

export type CarriedCause =
  | { readonly type: "empty" }
  | { readonly type: "fail"; readonly error: Portrait }
  | { readonly type: "die"; readonly defect: Portrait }
  | { readonly type: "interrupt" }
  | { readonly type: "sequential"; readonly left: CarriedCause; readonly right: CarriedCause }
  | { readonly type: "parallel"; readonly left: CarriedCause; readonly right: CarriedCause }

/** A cause whose errors' values are told in text. */
export const causeInText = (cause: CarriedCause): CarriedCause => {
  switch (cause.type) {
    case "fail":
      return { type: "fail", error: inText(cause.error) }
    case "die":
      return { type: "die", defect: inText(cause.defect) }
    case "sequential":
    case "parallel":
      return { type: cause.type, left: causeInText(cause.left), right: causeInText(cause.right) }
    default:
      return cause
  }
}
