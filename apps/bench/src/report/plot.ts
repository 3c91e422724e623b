/**
 * The part of Observable Plot that the charts use. Its own declarations do not compile with exact optional properties, so they
 * are kept out by a specifier that the compiler does not follow.
 */

/** Reads a datum's value, or names its property. */
type Channel<Datum> = (keyof Datum & string) | ((datum: Datum) => unknown)

interface MarkOptions<Datum> {
  readonly x?: Channel<Datum>
  readonly x1?: Channel<Datum>
  readonly x2?: Channel<Datum>
  readonly y?: Channel<Datum>
  readonly z?: Channel<Datum>
  readonly fy?: Channel<Datum>
  readonly text?: Channel<Datum>
  readonly r?: number
  readonly dx?: number
  readonly dy?: number
  readonly textAnchor?: "start" | "middle" | "end"
  readonly strokeWidth?: number
  readonly stroke?: string | ((datum: Datum) => string)
  readonly fill?: string | ((datum: Datum) => string)
}

type MarkOf = <Datum>(data: ReadonlyArray<Datum>, options: MarkOptions<Datum>) => Mark

declare const mark: unique symbol
export interface Mark {
  readonly [mark]: true
}

export interface Scale {
  readonly type?: "log"
  /** A logarithmic scale writes only on ticks near its powers: with 2, on all that are wanted here. */
  readonly base?: number
  readonly axis?: null
  readonly label?: string | null
  readonly labelOffset?: number
  readonly grid?: boolean
  readonly domain?: ReadonlyArray<string | number>
  readonly range?: readonly [number, number]
  readonly ticks?: ReadonlyArray<number>
  readonly tickFormat?: (tick: number) => string
}

export interface PlotOptions {
  readonly height: number
  readonly marginLeft?: number
  readonly marginRight?: number
  readonly x: Scale
  readonly y: Scale
  readonly fy?: Scale
  readonly marks: ReadonlyArray<Mark>
}

interface Plot {
  plot(
    options: PlotOptions & {
      readonly document: Document
      readonly width: number
      readonly marginBottom: number
      readonly style: Readonly<Record<string, string>>
    },
  ): Element
  scale(options: { readonly y: Scale }): { apply(value: number): number }
  readonly dot: MarkOf
  readonly line: MarkOf
  readonly rectY: MarkOf
  readonly text: MarkOf
  ruleY: MarkOf & ((data: ReadonlyArray<number>) => Mark)
}

const specifier: string = "@observablehq/plot"

export const Plot: Plot = await import(specifier)
