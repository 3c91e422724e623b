/** The parts of a database's SQL in which no `:name` is looked for, beside `'…'`, `"…"`, `--` and comments. */
export interface TextSyntax {
  /** A comment may hold comments. */
  readonly nestedComments: boolean
  /** `E'…'`, in which a backslash stands before a character that is meant as it is. */
  readonly escapeStrings: boolean
  /** `$tag$…$tag$`. */
  readonly dollarQuotes: boolean
  /** `[…]` and `` `…` `` are quoted names. */
  readonly bracketsAndBackticks: boolean
  /**
   * The inside of `IN (…)`, and of `NOT IN (…)`, for a list without elements, so that the first finds nothing and the second
   * everything.
   */
  readonly emptyList: (isNegated: boolean) => string
}

/** Standard SQL, with the dollar quotes that many have. */
export const standardTextSyntax: TextSyntax = {
  nestedComments: false,
  escapeStrings: false,
  dollarQuotes: true,
  bracketsAndBackticks: false,
  emptyList: () => "NULL",
}
