/** The page as a reader meets it. */
export interface Reached {
  readonly element: string
  readonly name: string
  readonly outlined: boolean
}

interface Lightness {
  readonly text: number
  readonly paper: number
  readonly mark: number
}

export interface Look {
  readonly headings: ReadonlyArray<string>
  readonly charts: ReadonlyArray<{
    readonly name: string
    readonly width: number
    readonly height: number
    readonly marks: number
  }>
  readonly keyboard: { readonly expected: number; readonly reached: ReadonlyArray<Reached> }
  readonly afterSkip: boolean
  readonly opened: boolean
  readonly light: Lightness
  readonly dark: Lightness
  readonly narrow: { readonly width: number; readonly textHeight: number }
  readonly problems: ReadonlyArray<string>
  readonly requests: ReadonlyArray<string>
}
