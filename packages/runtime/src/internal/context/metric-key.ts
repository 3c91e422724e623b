/** Metrics as plain data: which one it is, and what became of it. */

/** Which metric: all of it counts, as in Effect's registry. */
export interface MetricKey {
  readonly kind: MetricKind
  readonly name: string
  readonly description: string | undefined
  readonly tags: ReadonlyArray<readonly [key: string, value: string]>
}

export type MetricKind =
  | { readonly type: "counter"; readonly bigint: boolean; readonly incremental: boolean }
  | { readonly type: "gauge"; readonly bigint: boolean }
  | { readonly type: "frequency"; readonly preregisteredWords: ReadonlyArray<string> }
  | { readonly type: "histogram"; readonly boundaries: ReadonlyArray<number> }
  | {
      readonly type: "summary"
      /** Milliseconds. */
      readonly maxAge: number
      readonly maxSize: number
      readonly error: number
      readonly quantiles: ReadonlyArray<number>
    }

/**
 * What is done to a metric: `"update"` adds to a counter, sets a gauge, and notes a value of the others; `"modify"` adds to
 * a gauge. A frequency's value is a word and how often, a summary's a number and its time.
 */
export type MetricUpdate = readonly [how: "update" | "modify", value: MetricValue]

export type MetricValue =
  | number
  | bigint
  | readonly [word: string, count: number]
  | readonly [value: number, time: number]
