/** One operation of a subject, in the shape in which its users would call it, and its driver. */
import type * as EffectModule from "effect/Effect"

/** Is told each answer in the moment in which it comes, and with it the index of its operation. */
export type OnAnswer<A> = (index: number, answer: A) => void

export type Operation<A> =
  /** Runs on the caller's thread and blocks it: no promise is put around it. */
  | { readonly kind: "sync"; readonly run: (index: number) => A }
  | { readonly kind: "promise"; readonly run: (index: number) => Promise<A> }
  /** Drives itself, because its users would not make a promise for each call: see {@link effectOperation}. */
  | {
      readonly kind: "driven"
      readonly run: (index: number) => Promise<A>
      readonly drive: (from: number, count: number, inFlight: number, onAnswer?: OnAnswer<A>) => Promise<unknown>
    }

export const sync = <A>(run: (index: number) => A): Operation<A> => ({ kind: "sync", run })

export const promise = <A>(run: (index: number) => Promise<A>): Operation<A> => ({ kind: "promise", run })

/**
 * The part of the Effect library that drives an operation: a peer may bring a copy of its own, and a program runs its
 * effects with the services that it provided.
 */
export interface EffectDriver<R = never> extends Pick<typeof EffectModule, "all" | "suspend" | "whileLoop"> {
  readonly runPromise: <A>(effect: EffectModule.Effect<A, unknown, R>) => Promise<A>
}

/** An Effect runs inside a fiber, as in a program; in flight are as many fibers as the case asks for. */
export const effectOperation = <A, R = never>(
  Effect: EffectDriver<R>,
  run: (index: number) => EffectModule.Effect<A, unknown, R>,
): Operation<A> => ({
  kind: "driven",
  run: (index) => Effect.runPromise(run(index)),
  drive: (from, count, inFlight, onAnswer) => {
    const end = from + count
    let next = from
    const lane = Effect.suspend(() => {
      let index = from
      return Effect.whileLoop({
        while: () => next < end,
        body: () => {
          index = next++
          return run(index)
        },
        step: (answer) => onAnswer?.(index, answer),
      })
    })
    const lanes = () =>
      Effect.all(
        Array.from({ length: inFlight }, () => lane),
        { concurrency: "unbounded", discard: true },
      )
    return Effect.runPromise(inFlight === 1 ? lane : lanes())
  },
})

/** Runs `count` operations, at most `inFlight` of them at once: as soon as one ends, the next begins. */
export const drive = <A>(
  operation: Operation<A>,
  from: number,
  count: number,
  inFlight: number,
  onAnswer?: OnAnswer<A>,
): Promise<unknown> | undefined => {
  const end = from + count
  switch (operation.kind) {
    case "sync":
      for (let index = from; index < end; index++) {
        const answer = operation.run(index)
        onAnswer?.(index, answer)
      }
      return undefined
    case "driven":
      return operation.drive(from, count, inFlight, onAnswer)
    case "promise": {
      let next = from
      const lane = async () => {
        while (next < end) {
          const index = next++
          const answer = await operation.run(index)
          onAnswer?.(index, answer)
        }
      }
      return inFlight === 1 ? lane() : Promise.all(Array.from({ length: inFlight }, lane))
    }
  }
}
