import type { Placement, Url } from "@offloop/orm-async/driver"
import { describe, expect, it, onTestFinished } from "vitest"
import { postgres } from "../src/pg-driver.ts"
import { administer, serverThat } from "./server.ts"
import { connect, failureOf, open, placements, promised, testUrl, uniqueName } from "./test-connection.ts"
import { certificate, startTlsProxy } from "./tls-proxy.ts"

describe.each(placements)("a connection in the placement %s", (placement: Placement) => {
  const base = testUrl()

  const refusal = (connectArgs: Readonly<Record<string, unknown>>, url: Url = base) =>
    failureOf(open(placement, { connectArgs, url }))

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

    it("where a server says nothing in time", async () => {
      const port = await serverThat(() => {})
      const error = await refusal({ connect_timeout: 1 }, base.set({ port }))
      expect(error).toMatchObject({ kind: "OperationalError", code: "CONNECT_TIMEOUT" })
      expect(error.message).toContain("did not answer within 1000 ms")
    })

    it("where a server hears who connects and says nothing more", async () => {
      const port = await serverThat((client) => {
        client.on("data", () => {})
      })
      const error = await refusal({ connect_timeout: 1, sslmode: "disable" }, base.set({ port }))
      expect(error).toMatchObject({ kind: "OperationalError", code: "CONNECT_TIMEOUT", isDisconnect: true })
    })

    it("where a server hangs up again and again", async () => {
      let clients = 0
      const port = await serverThat((client) => {
        clients++
        client.once("data", () => client.end())
      })
      const error = await refusal({ sslmode: "disable" }, base.set({ port }))
      expect(error).toMatchObject({ kind: "OperationalError", isDisconnect: true })
      expect(clients).toBe(1)
    })

    it("where the other side is no PostgreSQL server", async () => {
      const port = await serverThat((client) => client.end("HTTP/1.1 400 Bad Request\r\n\r\n"))
      const error = await refusal({ sslmode: "require" }, base.set({ port }))
      expect(error).toMatchObject({ kind: "OperationalError", code: "PROTOCOL_VIOLATION" })
    })

    it("with a bad option, before it talks to anybody", async () => {
      const error = await refusal({ prepare: "perhaps" })
      expect(error).toMatchObject({ kind: "InterfaceError", isDisconnect: false })
      expect(error.message).toContain("prepare")
    })

    it("with a NUL character in its database, behind which a setting would follow", async () => {
      const error = await refusal({}, base.set({ database: "db\0options\0-c work_mem=77MB" }))
      expect(error).toMatchObject({ kind: "InterfaceError", isDisconnect: false })
      expect(error.message).toContain("database holds a NUL character")
    })
  })

  it("that is given up while it is opened hangs up", async () => {
    const connected = Promise.withResolvers<void>()
    const hungUp = Promise.withResolvers<void>()
    const port = await serverThat((client) => {
      connected.resolve()
      client.resume()
      client.on("close", () => hungUp.resolve())
    })
    const opening = failureOf(
      promised((done) => {
        const attempt = postgres.connect(base.set({ port }), { placement, connectArgs: { connect_timeout: 2 } }, done)
        void connected.promise.then(() => attempt.cancel())
      }),
    )
    expect(await opening).toMatchObject({ isDisconnect: true })
    await hungUp.promise
  })

  describe("with TLS", () => {
    const proxy = async (): Promise<number> => {
      const { port, stop } = await startTlsProxy()
      onTestFinished(stop)
      return port
    }
    const through = (host: string, port: number) => base.set({ host, port })

    it("encrypts, and trusts whom it is told to", async () => {
      const port = await proxy()
      for (const connectArgs of [
        {},
        { sslmode: "prefer" },
        { sslmode: "require" },
        { sslmode: "require", sslrootcert: certificate },
        { sslmode: "verify-ca", sslrootcert: certificate },
        { sslmode: "verify-full", sslrootcert: certificate },
      ]) {
        const conn = await connect(placement, { connectArgs, url: through("localhost", port) })
        expect(await conn.value("SELECT 1")).toBe(1)
      }
      // The name that the certificate is for is not the one that was asked for.
      const connectArgs = { sslmode: "verify-ca", sslrootcert: certificate }
      const conn = await connect(placement, { connectArgs, url: through("127.0.0.1", port) })
      expect(await conn.value("SELECT 1")).toBe(1)
    })

    it("refuses whom it cannot trust", async () => {
      const port = await proxy()
      const refused = [
        [{ sslmode: "verify-ca" }, "localhost"],
        [{ sslmode: "verify-full" }, "localhost"],
        [{ sslmode: "verify-full", sslrootcert: certificate }, "127.0.0.1"],
      ] as const
      for (const [connectArgs, host] of refused) {
        const error = await refusal(connectArgs, through(host, port))
        expect(error).toMatchObject({ kind: "OperationalError", code: "TLS_FAILED" })
        expect(error.message).toContain("?sslrootcert=")
      }
    })

    it("says when a certificate's file cannot be read", async () => {
      const port = await proxy()
      const error = await refusal(
        { sslmode: "verify-full", sslrootcert: "/no/such/file.pem" },
        through("localhost", port),
      )
      expect(error.code).toBe("TLS_FAILED")
      expect(error.message).toContain("/no/such/file.pem")
    })

    it("can be cancelled", async () => {
      const port = await proxy()
      const conn = await connect(placement, { connectArgs: { sslmode: "require" }, url: through("localhost", port) })
      const sleeping = failureOf(conn.execute("SELECT pg_sleep(600)"))
      conn.driver.cancel()
      expect(await sleeping).toMatchObject({ code: "57014" })
      expect(await conn.value("SELECT 1")).toBe(1)
    })
  })

  it("has the settings that its options say", async () => {
    const connectArgs = { application_name: "me", statement_timeout: 1234, search_path: "pg_catalog" }
    const conn = await connect(placement, { connectArgs })
    expect(await conn.value("SELECT current_setting('application_name')")).toBe("me")
    expect(await conn.value("SELECT current_setting('statement_timeout')")).toBe("1234ms")
    expect(await conn.value("SELECT current_setting('search_path')")).toBe("pg_catalog")
    expect(conn.driver).toMatchObject({ transaction: "none", sessionChanged: false, isOpen: true })
  })

  it.each([
    ["with a no-break space, which is a space", "pass\u00a0word", "pass word"],
    ["with a compatibility character", "\u2168", "IX"],
    ["with a soft hyphen, which is nothing", "I\u00adX", "IX"],
    ["that SASLprep forbids, as it is", "bell\u0007\u00e9", "bell\u0007\u00e9"],
  ])("logs in with a password %s", async (_, given, stored) => {
    const user = uniqueName()
    await administer(`CREATE ROLE ${user} LOGIN PASSWORD '${stored}'`)
    onTestFinished(() => administer(`DROP ROLE ${user}`))
    const conn = await connect(placement, { url: base.set({ username: user, password: given }) })
    expect(await conn.value("SELECT current_user")).toBe(user)
  })
})
