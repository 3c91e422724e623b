/** A feed as a stream of Effect. */
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { wait } from "../context/wait.ts"
import { Feed } from "./feed.ts"

/**
 * Opens the feed when the stream is run, and stops it when the stream's reader has had enough. What the iterator throws
 * when it cleans up for that reason is a defect: nobody waits for its result any more. With `abandon` nobody waits for the
 * cleaning up either.
 */
export const fromFeed = <A, E>(open: (feed: Feed) => Effect.Effect<void>, abandon = false): Stream.Stream<A, E> =>
  Stream.suspend(() => {
    const feed = new Feed()
    const items = Stream.repeatEffectChunkOption(next<A, E>(feed))
    const all = Stream.flatMap(Stream.fromEffect(open(feed)), () => items)
    // Of the ways to release something it is the one where the stream's run reports a defect. It is in place before the
    // feed opens.
    return Stream.ensuringWith(all, (exit) => {
      const interrupted = Exit.isInterrupted(exit)
      return abandon ? Effect.sync(() => feed.stop(interrupted, () => {})) : stop(feed, interrupted)
    })
  })

const next = <A, E>(feed: Feed): Effect.Effect<Chunk.Chunk<A>, Option.Option<E>> =>
  wait((resume) => {
    const stopAsking = feed.next((found) => {
      if (found.items !== undefined) resume(Effect.succeed(Chunk.unsafeFromArray(found.items as ReadonlyArray<A>)))
      else if (found.exit.ok) resume(Effect.fail(Option.none()))
      else resume(Effect.fail(Option.some(found.exit.error as E)))
    })
    return Effect.sync(stopAsking)
  })

const stop = (feed: Feed, interrupted: boolean): Effect.Effect<void> =>
  wait((resume) => {
    feed.stop(interrupted, (exit) => {
      // That the object is gone is no failure of a stream that nobody reads.
      const threw = !exit.ok && exit.error._tag === "TaskError"
      resume(threw ? Effect.failCause(Cause.die(exit.error)) : Effect.void)
    })
  })
