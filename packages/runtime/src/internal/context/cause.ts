/** Why something failed, as plain data: Effect's `Cause` with its errors as portraits. */
import type { Portrait } from "../transport/portrait.ts"

export type CarriedCause =
  | { readonly type: "empty" }
  | { readonly type: "fail"; readonly error: Portrait }
  | { readonly type: "die"; readonly defect: Portrait }
  | { readonly type: "interrupt" }
  | { readonly type: "sequential"; readonly left: CarriedCause; readonly right: CarriedCause }
  | { readonly type: "parallel"; readonly left: CarriedCause; readonly right: CarriedCause }
