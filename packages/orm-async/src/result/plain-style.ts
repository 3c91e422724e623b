import type { Style } from "../style.ts"

/** The reading of results in which what may find nothing throws; that of the Promise style and of the sync style. */
export interface PlainStyle extends Style {
  readonly checked: this["A"]
}
