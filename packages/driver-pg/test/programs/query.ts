/**
 * Runs queries and ends: `query.ts <url> <placement> <end>`. Where `end` is `open`, connections are left open for ever;
 * where it is `closed`, they are closed. Modules of Effect leave a global behind, by which it
 * says whether one was loaded.
 */
import { type DriverConnection, type DriverDone, makeUrl } from "@offloop/orm-async/driver"
import { postgres } from "../../src/index.ts"

const [url = "", placement, end] = process.argv.slice(2)

const promised = <A>(make: (done: DriverDone<A>) => void): Promise<A> =>
  new Promise((resolve, reject) => make((outcome) => (outcome.ok ? resolve(outcome.value) : reject(outcome.error))))

const connect = () =>
  promised<DriverConnection>((done) =>
    postgres.connect(makeUrl(url), { placement: placement === "inline" ? "inline" : "worker", connectArgs: {} }, done),
  )

const connections = await Promise.all([connect(), connect()])
for (const connection of connections) {
  for (let round = 0; round < 3; round++) {
    const call = { sql: "SELECT 41 + 1", parameters: [], prelude: ["BEGIN"], isWrite: false, bigints: false }
    const { cells } = await promised<{ readonly cells: ReadonlyArray<unknown> }>((done) =>
      connection.execute(call, done),
    )
    if (round === 0) console.log(`answer ${cells[0]}`)
    await promised<void>((done) => connection.commit(done))
  }
}
if (end === "closed") for (const connection of connections) await new Promise<void>((done) => connection.close(done))
console.log(Object.keys(globalThis).some((key) => key.startsWith("effect/")) ? "with Effect" : "without Effect")
console.log("done")
