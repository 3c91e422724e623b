import { type AddressInfo, createServer, type Socket } from "node:net"
import { type DriverCall, type DriverConnection, type DriverError, makeUrl, type Placement } from "@offloop/orm-async"
import { Backend } from "@offloop/runtime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as HashMap from "effect/HashMap"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import type * as Scope from "effect/Scope"
import { describe, expect, it } from "vitest"
import { postgres } from "../src/index.ts"
import { administer, serverUrl } from "./pg-under-test.ts"
import { certificate, startTlsProxy } from "./tls-proxy.ts"

const call = (sql: string, more: Partial<DriverCall> = {}): DriverCall => ({
  sql,
  parameters: [],
  prelude: [],
  isWrite: !sql.startsWith("SELECT"),
  bigints: false,
  ...more,
})

const begin = { prelude: ["BEGIN"] }

const run = <A, E>(program: Effect.Effect<A, E, Backend.Backend | Scope.Scope>): Promise<A> =>
  Effect.runPromise(Effect.scoped(program).pipe(Effect.provide(Backend.layer)))

/** A server that does with its clients as it likes, until the scope ends. */
const serverThat = (treats: (client: Socket) => void) =>
  Effect.acquireRelease(
    Effect.promise(
      () =>
        new Promise<{ port: number; clients: Set<Socket>; close: () => void }>((resolve) => {
          const clients = new Set<Socket>()
          const server = createServer((client) => {
            clients.add(client)
            client.on("error", () => {})
            treats(client)
          })
          server.listen(0, "127.0.0.1", () =>
            resolve({
              port: (server.address() as AddressInfo).port,
              clients,
              close: () => {
                for (const client of clients) client.destroy()
                server.close()
              },
            }),
          )
        }),
    ),
    (server) => Effect.sync(server.close),
  )

describe.each(["inline", "worker"] as const)("a connection in the placement %s", (placement: Placement) => {
  const base = makeUrl(serverUrl())

  const open = (
    connectArgs: Readonly<Record<string, unknown>> = {},
    url = base,
  ): Effect.Effect<DriverConnection, DriverError, Backend.Backend> => postgres.connect(url, { placement, connectArgs })

  /** A connection that is closed when the scope ends. */
  const connect = (connectArgs: Readonly<Record<string, unknown>> = {}, url = base) =>
    Effect.acquireRelease(open(connectArgs, url), (conn) => conn.close)

  const refusal = (connectArgs: Readonly<Record<string, unknown>>, url = base) =>
    run(Effect.flip(open(connectArgs, url)))

  const value = (conn: DriverConnection, sql: string) => Effect.map(conn.execute(call(sql)), ({ cells }) => cells[0])

  describe("that cannot be opened says why and what to do", () => {
    it("where nobody listens", async () => {
      const error = await refusal({}, base.set({ port: 1 }))
      expect(error).toMatchObject({ kind: "OperationalError", code: "ECONNREFUSED" })
      expect(error.message).toContain("no server listens at 127.0.0.1:1; start it")
    })

    it("where the host is unknown", async () => {
      const error = await refusal({}, base.set({ host: "no-such-host.invalid" }))
      expect(error).toMatchObject({ kind: "OperationalError" })
      expect(error.message).toContain("no-such-host.invalid")
    })

    it("where there is no Unix socket", async () => {
      const error = await refusal({ host: "/no/such/folder" }, base.set({ host: undefined, port: undefined }))
      expect(error).toMatchObject({ kind: "OperationalError", isDisconnect: true })
      expect(error.message).toContain("/no/such/folder/.s.PGSQL.5432")
    })

    it("with a wrong password, which it does not show", async () => {
      const error = await refusal({}, base.set({ password: "not it" }))
      expect(error).toMatchObject({ kind: "OperationalError", code: "28P01", isDisconnect: false, isRetryable: false })
      expect(error.message).toContain("check the password")
      expect(error.message).not.toContain("not it")
    })

    it("with an unknown user or database", async () => {
      expect(await refusal({}, base.set({ username: "nobody_here" }))).toMatchObject({ kind: "OperationalError" })
      const error = await refusal({}, base.set({ database: "no_such_db" }))
      expect(error).toMatchObject({ kind: "OperationalError", code: "3D000" })
      expect(error.message).toContain('create the database "no_such_db"')
    })

    it("without the TLS that it demands", async () => {
      const error = await refusal({ sslmode: "require" })
      expect(error).toMatchObject({ kind: "OperationalError", code: "TLS_UNAVAILABLE" })
      expect(error.message).toContain("?sslmode=disable")
    })

    it("where a server says nothing in time", () =>
      run(
        Effect.gen(function* () {
          const { port } = yield* serverThat(() => {})
          const error = yield* Effect.flip(open({ connect_timeout: 1 }, base.set({ port })))
          expect(error).toMatchObject({ kind: "OperationalError", code: "CONNECT_TIMEOUT" })
          expect(error.message).toContain("did not answer within 1000 ms")
        }),
      ))

    it("where a server hangs up again and again", () =>
      run(
        Effect.gen(function* () {
          let clients = 0
          const { port } = yield* serverThat((client) => {
            clients++
            client.once("data", () => client.end())
          })
          const error = yield* Effect.flip(open({ sslmode: "disable" }, base.set({ port })))
          expect(error).toMatchObject({ kind: "OperationalError", isDisconnect: true })
          expect(clients).toBe(1)
        }),
      ))

    it("where the other side is no PostgreSQL server", () =>
      run(
        Effect.gen(function* () {
          const { port } = yield* serverThat((client) => client.end("HTTP/1.1 400 Bad Request\r\n\r\n"))
          const error = yield* Effect.flip(open({ sslmode: "require" }, base.set({ port })))
          expect(error).toMatchObject({ kind: "OperationalError", code: "PROTOCOL_VIOLATION" })
        }),
      ))

    it("with a bad option, before it talks to anybody", async () => {
      const error = await refusal({ prepare: "perhaps" })
      expect(error).toMatchObject({ kind: "InterfaceError", isDisconnect: false })
      expect(error.message).toContain("prepare")
    })
  })

  it("that is interrupted while it is opened hangs up", () =>
    run(
      Effect.gen(function* () {
        const connected = yield* Effect.makeLatch(false)
        const hungUp = yield* Effect.makeLatch(false)
        const { port } = yield* serverThat((client) => {
          connected.unsafeOpen()
          client.resume()
          client.on("close", () => hungUp.unsafeOpen())
        })
        const opening = yield* Effect.fork(open({ connect_timeout: 2 }, base.set({ port })))
        yield* connected.await
        yield* Fiber.interrupt(opening)
        yield* hungUp.await
      }),
    ))

  describe("with TLS", () => {
    const proxy = Effect.acquireRelease(Effect.promise(startTlsProxy), ({ stop }) => Effect.sync(stop))
    const through = (host: string, port: number) => base.set({ host, port })

    it("encrypts, and trusts whom it is told to", () =>
      run(
        Effect.gen(function* () {
          const { port } = yield* proxy
          for (const connectArgs of [
            {},
            { sslmode: "prefer" },
            { sslmode: "require" },
            { sslmode: "require", sslrootcert: certificate },
            { sslmode: "verify-ca", sslrootcert: certificate },
            { sslmode: "verify-full", sslrootcert: certificate },
          ]) {
            const conn = yield* connect(connectArgs, through("localhost", port))
            expect(yield* value(conn, "SELECT 1")).toBe(1)
          }
          // The name that the certificate is for is not the one that was asked for.
          const conn = yield* connect({ sslmode: "verify-ca", sslrootcert: certificate }, through("127.0.0.1", port))
          expect(yield* value(conn, "SELECT 1")).toBe(1)
        }),
      ))

    it("refuses whom it cannot trust", () =>
      run(
        Effect.gen(function* () {
          const { port } = yield* proxy
          const refused = [
            [{ sslmode: "verify-ca" }, "localhost"],
            [{ sslmode: "verify-full" }, "localhost"],
            [{ sslmode: "verify-full", sslrootcert: certificate }, "127.0.0.1"],
          ] as const
          for (const [connectArgs, host] of refused) {
            const error = yield* Effect.flip(open(connectArgs, through(host, port)))
            expect(error).toMatchObject({ kind: "OperationalError", code: "TLS_FAILED" })
            expect(error.message).toContain("?sslrootcert=")
          }
        }),
      ))

    it("says when a certificate's file cannot be read", () =>
      run(
        Effect.gen(function* () {
          const { port } = yield* proxy
          const connectArgs = { sslmode: "verify-full", sslrootcert: "/no/such/file.pem" }
          const error = yield* Effect.flip(open(connectArgs, through("localhost", port)))
          expect(error.code).toBe("TLS_FAILED")
          expect(error.message).toContain("/no/such/file.pem")
        }),
      ))

    it("can be cancelled", () =>
      run(
        Effect.gen(function* () {
          const { port } = yield* proxy
          const conn = yield* connect({ sslmode: "require" }, through("localhost", port))
          const sleeping = yield* Effect.fork(conn.execute(call("SELECT pg_sleep(600)")))
          yield* Fiber.interrupt(sleeping)
          yield* conn.reset
          expect(yield* value(conn, "SELECT 1")).toBe(1)
        }),
      ))
  })

  it("has the settings that its options say", () =>
    run(
      Effect.gen(function* () {
        const conn = yield* connect({ application_name: "me", statement_timeout: 1234, search_path: "pg_catalog" })
        expect(yield* value(conn, "SELECT current_setting('application_name')")).toBe("me")
        expect(yield* value(conn, "SELECT current_setting('statement_timeout')")).toBe("1234ms")
        expect(yield* value(conn, "SELECT current_setting('search_path')")).toBe("pg_catalog")
      }),
    ))

  it("fails typed what takes longer than statement_timeout", () =>
    run(
      Effect.gen(function* () {
        const conn = yield* connect({ statement_timeout: 50 })
        const error = yield* Effect.flip(conn.execute(call("SELECT pg_sleep(600)")))
        expect(error).toMatchObject({ kind: "OperationalError", code: "57014", isDisconnect: false })
        expect(yield* value(conn, "SELECT 1")).toBe(1)
      }),
    ))

  it.each([true, false])("gives the same results with statements prepared: %s", (prepare) =>
    run(
      Effect.gen(function* () {
        const conn = yield* connect({ prepare })
        for (const n of [1, 2, 3]) {
          const result = yield* conn.execute(call("SELECT $1::int AS a, $2::text AS b", { parameters: [n, "x"] }))
          expect(result).toMatchObject({ columns: ["a", "b"], cells: [n, "x"], rowCount: 1 })
        }
        const kept = yield* value(
          conn,
          "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT $1::int AS a%'",
        )
        expect(kept).toBe(prepare ? 1 : 0)
      }),
    ),
  )

  it("keeps no more statements prepared than it is told to", () =>
    run(
      Effect.gen(function* () {
        const conn = yield* connect({ statement_cache_size: 3 })
        for (let n = 0; n < 10; n++) {
          expect((yield* conn.execute(call(`SELECT $1::int + ${n}`, { parameters: [1] }))).cells).toEqual([1 + n])
        }
        expect(yield* value(conn, "SELECT count(*) FROM pg_prepared_statements")).toBe(3)
      }),
    ))

  it("reads values of every type, and of arrays of them, from plain SQL", () =>
    run(
      Effect.gen(function* () {
        const conn = yield* connect()
        const { cells } = yield* conn.execute(
          call(
            `SELECT 1::int2, 2::int4, 3::int8, 9007199254740993::int8, 1.5::float8, 'NaN'::float8, 'Infinity'::float4,
              1.50::numeric, true, '\\x00ff'::bytea, 'a"b'::text, '{"a": 1}'::json, '"1"'::jsonb, '2024-01-02'::date,
              '03:04:05'::time, '2024-01-02 03:04:05'::timestamp, '2024-01-02 03:04:05.678901+02'::timestamptz,
              'infinity'::timestamptz, '123e4567-e89b-12d3-a456-426614174000'::uuid, NULL::int`,
          ),
        )
        expect(cells).toEqual([
          1,
          2,
          3,
          9007199254740993n,
          1.5,
          Number.NaN,
          Number.POSITIVE_INFINITY,
          "1.50",
          true,
          new Uint8Array([0, 255]),
          'a"b',
          '{"a": 1}',
          '"1"',
          "2024-01-02",
          "03:04:05",
          "2024-01-02 03:04:05",
          new Date("2024-01-02T01:04:05.678Z"),
          "infinity",
          "123e4567-e89b-12d3-a456-426614174000",
          null,
        ])
        const arrays = yield* conn.execute(
          call(
            `SELECT ARRAY[1,NULL]::int4[], ARRAY[9007199254740993]::int8[], ARRAY[true,false], ARRAY['a,b','"']::text[],
              ARRAY['\\x01'::bytea], ARRAY[[1.5],[2]]::numeric[], '{}'::uuid[]`,
          ),
        )
        expect(arrays.cells).toEqual([
          [1, null],
          [9007199254740993n],
          [true, false],
          ["a,b", '"'],
          [new Uint8Array([1])],
          [["1.5"], ["2"]],
          [],
        ])
      }),
    ))

  it("gives 64-bit integers as bigints when it is asked to, and other numbers as ever", () =>
    run(
      Effect.gen(function* () {
        const conn = yield* connect()
        const sql = "SELECT 1::int8, 2::int4, ARRAY[3]::int8[]"
        expect((yield* conn.execute(call(sql, { bigints: true }))).cells).toEqual([1n, 2, [3n]])
        expect((yield* conn.execute(call(sql))).cells).toEqual([1, 2, [3]])
      }),
    ))

  it("sends values of every type", () =>
    run(
      Effect.gen(function* () {
        const conn = yield* connect()
        const moment = new Date("-000043-03-15T12:00:00.123Z")
        const { cells } = yield* conn.execute(
          call(
            `SELECT $1::int, $2::int8, $3::numeric, $4::float8, $5::bool, $6::bytea, $7::timestamptz, $8::text[], $9::jsonb,
              $10::int[], $11::bool[], $12::text, $13::date, $14::timestamptz[]`,
            {
              parameters: [
                1,
                2n ** 62n,
                2n ** 70n,
                -0,
                true,
                new Uint8Array([1, 2]),
                moment,
                ["a", null, '"'],
                '"text"',
                [1, 2],
                [true, null],
                "☃",
                "2024-01-02",
                [new Date(0)],
              ],
            },
          ),
        )
        expect(cells).toEqual([
          1,
          2n ** 62n,
          String(2n ** 70n),
          -0,
          true,
          new Uint8Array([1, 2]),
          moment,
          ["a", null, '"'],
          '"text"',
          [1, 2],
          [true, null],
          "☃",
          "2024-01-02",
          [new Date(0)],
        ])
      }),
    ))

  it("takes text for a type that the library has its own ideas of, and changes nothing about it", () =>
    run(
      Effect.gen(function* () {
        const conn = yield* connect({ timezone: "Asia/Kolkata" })
        const { cells } = yield* conn.execute(
          call("SELECT $1::bool, $2::timestamp::text, $3::jsonb::text, $4::bytea", {
            parameters: ["true", "2024-01-02 03:04:05", '{"a": 1}', "\\x01"],
          }),
        )
        expect(cells).toEqual([true, "2024-01-02 03:04:05", '{"a": 1}', new Uint8Array([1])])
      }),
    ))

  it("says how much of the prelude had run when something failed", () =>
    run(
      Effect.gen(function* () {
        const conn = yield* connect()
        const prelude = ["BEGIN", "SAVEPOINT a", "nonsense", "SAVEPOINT b"]
        expect(yield* Effect.flip(conn.execute(call("SELECT 1", { prelude })))).toMatchObject({ completedPrelude: 2 })
        yield* conn.rollback
        expect(yield* Effect.flip(conn.execute(call("nonsense", begin)))).toMatchObject({
          completedPrelude: 1,
          kind: "ProgrammingError",
        })
        yield* conn.rollback
        // Not BEGIN, so that what follows is not refused: it has run, which must be told.
        const error = yield* Effect.flip(conn.execute(call("SELECT 1", { prelude: ["nonsense"] })))
        expect(error.completedPrelude).toBe(0)
        expect(error.message).toContain("has run on its own, without the transaction")
      }),
    ))

  it("tells when a commit has turned into a rollback", () =>
    run(
      Effect.gen(function* () {
        const conn = yield* connect()
        yield* Effect.flip(conn.execute(call("SELECT 1 / 0", begin)))
        expect(yield* Effect.flip(conn.commit)).toMatchObject({ kind: "InternalError", code: "25P02" })
        yield* conn.commit
      }),
    ))

  it("undoes in a reset what was done to its session, and no more", () =>
    run(
      Effect.gen(function* () {
        const conn = yield* connect({ search_path: "public" })
        const pid = yield* value(conn, "SELECT pg_backend_pid()")
        yield* conn.execute(call("SET search_path = pg_catalog"))
        yield* conn.execute(call("SELECT pg_advisory_lock(4711)"))
        yield* conn.execute(call("CREATE TEMP TABLE mine (a int)"))
        yield* conn.execute(call("LISTEN news"))
        yield* conn.execute(call("SELECT 1", begin))
        yield* conn.reset
        expect(yield* value(conn, "SELECT current_setting('search_path')")).toBe("public")
        expect(yield* value(conn, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711")).toBe(0)
        expect(yield* value(conn, "SELECT to_regclass('pg_temp.mine')::text")).toBe(null)
        expect(yield* value(conn, "SELECT count(*) FROM pg_listening_channels()")).toBe(0)
        expect(yield* value(conn, "SELECT pg_backend_pid()")).toBe(pid)
      }),
    ))

  it("logs what the server remarks, at debug level", () => {
    const logged: Array<string> = []
    const logger = Logger.make(({ annotations, logLevel, message }) => {
      const code = HashMap.unsafeGet(annotations, "db.response.status_code")
      logged.push(`${logLevel.label} ${String(message)} ${String(code)}`)
    })
    return run(
      Effect.gen(function* () {
        const conn = yield* connect()
        yield* conn.execute(call("DO $$ BEGIN RAISE NOTICE 'one'; RAISE WARNING 'two'; END $$"))
        expect(logged).toEqual(["DEBUG PostgreSQL NOTICE: one 00000", "DEBUG PostgreSQL WARNING: two 01000"])
      }).pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)), Logger.withMinimumLogLevel(LogLevel.Debug)),
    )
  })

  it("stops what an interrupted call runs on the server", () =>
    run(
      Effect.gen(function* () {
        const [conn, watcher] = [yield* connect(), yield* connect()]
        const pid = yield* value(conn, "SELECT pg_backend_pid()")
        const active = value(watcher, `SELECT state = 'active' FROM pg_stat_activity WHERE pid = ${pid}`)
        for (const prelude of [[], ["BEGIN"]]) {
          const sleeping = yield* Effect.fork(conn.execute(call("SELECT pg_sleep(600)", { prelude })))
          yield* Effect.repeat(active, { until: (is) => is === true })
          yield* Fiber.interrupt(sleeping)
          yield* conn.reset
          expect(yield* active).toBe(false)
        }
        const batch = { ...call("SELECT pg_sleep($1::float8)"), parameterSets: [[0], [600], [600], [0]] }
        const sleeping = yield* Effect.fork(conn.executeMany(batch))
        yield* Effect.repeat(active, { until: (is) => is === true })
        yield* Fiber.interrupt(sleeping)
        yield* conn.reset
        expect(yield* value(conn, "SELECT 1")).toBe(1)
      }),
    ))

  it("never lets a request to cancel hit the statement that follows", () =>
    run(
      Effect.gen(function* () {
        const conn = yield* connect()
        for (let round = 0; round < 25; round++) {
          const fiber = yield* Effect.fork(conn.execute(call("SELECT count(*) FROM generate_series(1, 20000)", begin)))
          yield* Effect.forEach(Array.from({ length: round }), () => Effect.yieldNow())
          yield* Fiber.interrupt(fiber)
          yield* conn.rollback
          expect(yield* value(conn, "SELECT 1")).toBe(1)
        }
      }),
    ))

  it("is lost for good when the server ends it, and knows why", () =>
    run(
      Effect.gen(function* () {
        const [conn, idle] = [yield* connect(), yield* connect()]
        for (const victim of [conn, idle]) {
          const pid = yield* value(victim, "SELECT pg_backend_pid()")
          const sleeping =
            victim === conn ? yield* Effect.fork(Effect.flip(victim.execute(call("SELECT pg_sleep(600)")))) : undefined
          yield* Effect.promise(() => administer(`SELECT pg_terminate_backend(${pid}, 5000)`))
          if (sleeping !== undefined) expect(yield* sleeping).toMatchObject({ isDisconnect: true })
          const error = yield* Effect.flip(victim.execute(call("SELECT 1")))
          expect(error).toMatchObject({ kind: "OperationalError", isDisconnect: true })
          expect(yield* Effect.flip(victim.ping)).toMatchObject({ isDisconnect: true })
          expect(yield* Effect.flip(victim.reset)).toMatchObject({ isDisconnect: true })
        }
      }),
    ))

  it("fails what is pending when it is terminated", () =>
    run(
      Effect.gen(function* () {
        const conn = yield* open()
        const sleeping = yield* Effect.fork(Effect.flip(conn.execute(call("SELECT pg_sleep(600)"))))
        yield* Effect.yieldNow()
        yield* conn.terminate
        expect(yield* sleeping).toMatchObject({ isDisconnect: true })
      }),
    ))

  it("tells deadlocks and failed serialization, which may succeed when tried again", () =>
    run(
      Effect.gen(function* () {
        const [first, second] = [yield* connect(), yield* connect()]
        const tableName = `deadlock_${placement}_${Math.random().toString(36).slice(2)}`
        yield* Effect.acquireRelease(
          first.execute(call(`CREATE TABLE ${tableName} AS SELECT generate_series(1, 2) AS a`)),
          () => Effect.promise(() => administer(`DROP TABLE ${tableName}`)),
        )
        const lock = (conn: DriverConnection, row: number, more: Partial<DriverCall> = {}) =>
          conn.execute(call(`SELECT a FROM ${tableName} WHERE a = ${row} FOR UPDATE`, more))
        yield* lock(first, 1, begin)
        yield* lock(second, 2, begin)
        const both = yield* Effect.all([Effect.either(lock(first, 2)), Effect.either(lock(second, 1))], {
          concurrency: 2,
        })
        const failed = both.flatMap((outcome) => (outcome._tag === "Left" ? [outcome.left] : []))
        expect(failed).toHaveLength(1)
        expect(failed[0]).toMatchObject({ kind: "OperationalError", code: "40P01", isRetryable: true })
        yield* first.rollback
        yield* second.rollback

        const serializable = { prelude: ["BEGIN ISOLATION LEVEL REPEATABLE READ"] }
        yield* first.execute(call(`SELECT * FROM ${tableName}`, serializable))
        yield* second.execute(call(`UPDATE ${tableName} SET a = a + 1`))
        const error = yield* Effect.flip(first.execute(call(`UPDATE ${tableName} SET a = a + 1`)))
        expect(error).toMatchObject({ kind: "OperationalError", code: "40001", isRetryable: true })
        yield* first.rollback
      }),
    ))

  describe("and its cursors", () => {
    const series = "SELECT i FROM generate_series(1, 10) AS i"

    it("end with their transaction, which is told and not taken for the end of the result", () =>
      run(
        Effect.gen(function* () {
          const conn = yield* connect()
          const cursor = yield* conn.openCursor(call(series, begin))
          expect(yield* cursor.fetch(2)).toEqual([1, 2])
          yield* conn.rollback
          expect(yield* Effect.flip(cursor.fetch(1))).toMatchObject({ kind: "ProgrammingError", code: "34000" })
          yield* cursor.close
          yield* cursor.close
        }),
      ))

    it("outlive statements outside of transactions, and end with a reset", () =>
      run(
        Effect.gen(function* () {
          const conn = yield* connect()
          const cursor = yield* conn.openCursor(call(series))
          yield* conn.execute(call("SELECT 1"))
          expect(yield* cursor.fetch(2)).toEqual([1, 2])
          const other = yield* conn.openCursor(call(series))
          yield* other.close
          expect(yield* value(conn, "SELECT count(*) FROM pg_cursors WHERE name <> ''")).toBe(1)
          yield* conn.reset
          expect(yield* value(conn, "SELECT count(*) FROM pg_cursors WHERE name <> ''")).toBe(0)
          expect(yield* Effect.flip(cursor.fetch(1))).toMatchObject({ code: "34000" })
        }),
      ))

    it("can be closed in a transaction that has failed", () =>
      run(
        Effect.gen(function* () {
          const conn = yield* connect()
          const cursor = yield* conn.openCursor(call(series, begin))
          yield* Effect.flip(conn.execute(call("SELECT 1 / 0")))
          expect(yield* Effect.flip(cursor.fetch(1))).toMatchObject({ code: "25P02" })
          yield* cursor.close
          yield* conn.rollback
        }),
      ))

    it("are made of what cannot have one, too", () =>
      run(
        Effect.gen(function* () {
          const conn = yield* connect()
          const cursor = yield* conn.openCursor(call("SHOW search_path"))
          expect(cursor.columns).toEqual(["search_path"])
          expect(yield* cursor.fetch(5)).toHaveLength(1)
          expect(yield* cursor.fetch(5)).toEqual([])
          yield* cursor.close
        }),
      ))
  })
})
