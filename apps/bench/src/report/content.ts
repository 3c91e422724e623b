/**
 * The comparison's content, apart from its form: the same content becomes Markdown and a page. Texts may have
 * `code` and **strong** in them.
 */
import type { Chart } from "./charts.ts"

export interface Sample {
  readonly title: string
  readonly language: "ts" | "python"
  readonly code: string
}

export interface Table {
  readonly kind: "table"
  /** The name that a screen reader calls it by. */
  readonly label: string
  readonly head: ReadonlyArray<string>
  readonly rows: ReadonlyArray<ReadonlyArray<string>>
  /** The number of first columns that are words; the others are figures. */
  readonly words: number
  /** The rows that are ours. */
  readonly strong?: ReadonlySet<number>
}

export type Block =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "list"; readonly items: ReadonlyArray<string> }
  | Table
  /** One task in several languages, side by side where there is room. */
  | { readonly kind: "samples"; readonly label: string; readonly samples: ReadonlyArray<Sample> }
  /** Drawn on the page; in Markdown, their figures are tables elsewhere. */
  | { readonly kind: "chart"; readonly chart: Chart }
  /** Content that is folded, since not every reader wants it at once. */
  | { readonly kind: "details"; readonly summary: string; readonly blocks: ReadonlyArray<Block> }

export interface Section {
  /** For links, and the only one of its kind in the document. */
  readonly id: string
  readonly title: string
  readonly blocks: ReadonlyArray<Block>
  readonly parts?: ReadonlyArray<Section>
}

export const text = (...sentences: ReadonlyArray<string>): Block => ({
  kind: "text",
  text: sentences.filter((sentence) => sentence !== "").join(" "),
})

export const list = (...items: ReadonlyArray<string>): Block => ({ kind: "list", items })

/** A table in which every column is words. */
export const wordTable = (
  label: string,
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
): Table => ({ kind: "table", label, head, rows, words: head.length })

/** A table of figures: the first columns say of what. */
export const figureTable = (
  label: string,
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  words = 1,
): Table => ({ kind: "table", label, head, rows, words })

export const details = (summary: string, ...blocks: ReadonlyArray<Block>): Block => ({
  kind: "details",
  summary,
  blocks,
})
