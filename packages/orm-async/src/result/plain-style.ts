import type { ResultStyle } from "../style.ts"

/** The style of results that throw where they find the wrong number of rows. */
export interface PlainStyle extends ResultStyle {
  readonly checked: this["A"]
}
