import type { Operation } from "../../measure/operation.ts"
import { operationPart } from "../../measure/part.ts"
import { auditChanges, post, postCount, posts } from "../../subjects/orm/graph.ts"
import type { Suite } from "../../suite.ts"
import { enterOrm, entrants, ormCase } from "./entry.ts"

const one = "an entity by its key"
const all = "1,000 entities"
const change = "load 1,000, change 100, save"

const idAt = (index: number): number => ((index * 379) % postCount) + 1

/** The same operation; `note` is told the index of the last that is run. */
const noted = <A>(operation: Operation<A>, note: (index: number) => void): Operation<A> => {
  if (operation.kind === "driven") {
    const { run, drive } = operation
    return {
      kind: "driven",
      run: (index) => {
        note(index)
        return run(index)
      },
      drive: (from, count, inFlight, onAnswer) => {
        note(from + count - 1)
        return drive(from, count, inFlight, onAnswer)
      },
    }
  }
  const told =
    <A>(start: (index: number) => A) =>
    (index: number) => {
      note(index)
      return start(index)
    }
  return operation.kind === "sync"
    ? { kind: "sync", run: told(operation.run) }
    : { kind: "promise", run: told(operation.run) }
}

export const ormLoad: Suite = {
  name: "orm-load",
  about: "entities loaded into a session or entity manager of their own, and changed",
  cases: [
    ormCase(one, "one after another, each in a session of its own", "µs"),
    ormCase(all, "with one query", "ms"),
    ormCase(change, "changes are found and written by the unit of work; the rows are checked afterwards", "ms"),
  ],
  entrants,
  enter: enterOrm(true, (name, subject, path) => {
    switch (name) {
      case one:
        return operationPart({
          operation: subject.loadPost(idAt),
          inFlight: 1,
          expected: (index) => post(idAt(index)),
          probes: [0, 1, 2],
          plain: (found) => found && subject.plain(found),
        })
      case all:
        return operationPart({
          operation: subject.loadPosts(),
          inFlight: 1,
          expected: () => posts,
          probes: [0],
          plain: (found) => found.map(subject.plain),
          unit: "ms",
        })
      case change: {
        // Each operation writes titles with its own index, so the file tells which came last.
        let last = -1
        const operation = subject.changePosts()
        return operationPart<unknown>({
          operation: noted(operation, (index) => {
            last = index
          }),
          inFlight: 1,
          plain: () => "saved",
          expected: () => "saved",
          probes: [0],
          audit: async () => auditChanges(path, last),
          unit: "ms",
        })
      }
      default:
        throw new RangeError(`There is no case "${name}"`)
    }
  }),
  pace: (quick) => ({ rounds: quick ? 3 : 7, roundMs: quick ? 80 : 200, warmUpLimitMs: quick ? 150 : 400 }),
}
