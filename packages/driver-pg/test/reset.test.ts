import { describe, expect, it, onTestFinished } from "vitest"
import { administer } from "./server.ts"
import { connect, failureOf, placements, uniqueName } from "./test-connection.ts"

const prepared = "SELECT name FROM pg_prepared_statements WHERE from_sql"

describe.each(placements)("a reset in the placement %s", (placement) => {
  it("undoes what was done to the session, and no more", async () => {
    const role = uniqueName()
    await administer(`CREATE ROLE ${role}`)
    onTestFinished(() => administer(`DROP ROLE ${role}`))
    const conn = await connect(placement, { connectArgs: { search_path: "public", statement_timeout: 60_000 } })
    const [pid, user] = [await conn.pid(), await conn.value("SELECT current_user")]
    await conn.text("SET search_path = pg_catalog")
    await conn.text("SELECT set_config('statement_timeout', '1h', false)")
    await conn.text("SET DateStyle = 'German'")
    await conn.text("SELECT pg_advisory_lock(4711)")
    await conn.text("CREATE TEMP TABLE mine (a int)")
    await conn.text("CREATE TEMP SEQUENCE counter")
    await conn.text("SELECT nextval('counter')")
    await conn.text('PREPARE "my ""own""" AS SELECT 1')
    await conn.text("DECLARE mine CURSOR WITH HOLD FOR SELECT 1")
    await conn.text("LISTEN news")
    await conn.text(`SET SESSION AUTHORIZATION ${role}`)
    await conn.text("BEGIN")
    await failureOf(conn.text("SELECT 1 / 0"))
    expect(conn.driver.sessionChanged).toBe(true)

    await conn.reset()

    expect(conn.driver).toMatchObject({ transaction: "none", sessionChanged: false, isOpen: true })
    expect(await conn.value("SELECT current_setting('search_path')")).toBe("public")
    expect(await conn.value("SELECT current_setting('statement_timeout')")).toBe("1min")
    expect(await conn.value("SELECT current_setting('DateStyle')")).toMatch(/^ISO/)
    expect(await conn.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711")).toBe(0)
    expect(await conn.value("SELECT to_regclass('pg_temp.mine')::text")).toBe(null)
    expect(await conn.value("SELECT count(*) FROM pg_listening_channels()")).toBe(0)
    expect(await conn.value("SELECT count(*) FROM pg_cursors WHERE name = 'mine'")).toBe(0)
    expect(await failureOf(conn.execute("SELECT lastval()"))).toMatchObject({ code: "55000" })
    expect((await conn.execute(prepared)).cells).toEqual([])
    expect(await conn.value("SELECT session_user || ' ' || current_user")).toBe(`${user} ${user}`)
    expect(await conn.pid()).toBe(pid)
  })

  it("undoes a role", async () => {
    const role = uniqueName()
    await administer(`CREATE ROLE ${role}`)
    onTestFinished(() => administer(`DROP ROLE ${role}`))
    const conn = await connect(placement)
    const user = await conn.value("SELECT current_user")
    await conn.text(`SELECT set_config('role', '${role}', false)`)
    expect(await conn.value("SELECT current_user")).toBe(role)
    await conn.reset()
    expect(await conn.value("SELECT current_user")).toBe(user)
  })

  it("keeps what the driver has prepared", async () => {
    const conn = await connect(placement)
    const sql = "SELECT $1::int + 40"
    const kept = "SELECT name FROM pg_prepared_statements WHERE statement = 'SELECT $1::int + 40'"
    for (let round = 0; round < 3; round++) await conn.value(sql, [2])
    const before = await conn.value(kept)
    await conn.text("SET work_mem = '8MB'")
    await conn.reset()
    expect(await conn.value(sql, [2])).toBe(42)
    expect(await conn.value(kept)).toBe(before)
  })

  it("is not needed after compiled statements, nor after their transactions", async () => {
    const conn = await connect(placement)
    await conn.text("CREATE TEMP TABLE t (a int)")
    await conn.reset()
    expect(conn.driver.sessionChanged).toBe(false)
    await conn.text("CREATE TEMP TABLE t (a int)")
    // From here on the program's own SQL is over: what follows does not change the session.
    await conn.reset()
    await conn.execute("SELECT 1", [], { prelude: ["BEGIN", "SAVEPOINT a"] })
    await conn.execute("RELEASE SAVEPOINT a")
    const cursor = await conn.openCursor("SELECT generate_series(1, 10)")
    await cursor.fetch(2)
    await cursor.close()
    await conn.commit()
    await conn.executeMany("SELECT $1::int", [[1], [2]])
    await failureOf(conn.execute("SELECT 1 / 0"))
    expect(conn.driver.sessionChanged).toBe(false)
    await conn.execute("SELECT 1", [], { prelude: ["BEGIN"] })
    await conn.reset()
    expect(conn.transaction).toBe("none")
  })

  it("is needed after anything else, be it compiled, and after a setting that a function has changed", async () => {
    const conn = await connect(placement)
    await conn.execute("SELECT set_config('application_name', 'other', false)")
    expect(conn.driver.sessionChanged).toBe(true)
    await conn.reset()
    await conn.execute("CREATE TEMP TABLE t (a int)", [], { isWrite: true })
    expect(conn.driver.sessionChanged).toBe(true)
    await conn.reset()
    await failureOf(conn.text("SELECT 1 / 0"))
    expect(conn.driver.sessionChanged).toBe(true)
    await conn.reset()
    expect(conn.driver.sessionChanged).toBe(false)
  })

  it("that is not waited for comes before the call behind it", async () => {
    const conn = await connect(placement)
    const order: Array<string> = []
    const note = (what: string) => () => {
      order.push(what)
    }
    await conn.execute("SELECT 1", [], { prelude: ["BEGIN"] })
    const rolledBack = conn.resetAhead().then(note("rollback"))
    const next = conn.execute("SELECT 2", [], { prelude: ["BEGIN"] }).then(note("statement"))
    await Promise.all([rolledBack, next])
    expect(conn.transaction).toBe("open")

    await conn.text("SET work_mem = '8MB'")
    await conn.text("PREPARE mine AS SELECT 1")
    const wasReset = conn.resetAhead().then(note("reset"))
    const setting = conn.value("SELECT current_setting('work_mem')")
    await Promise.all([wasReset, setting.then(note("value"))])
    expect(await setting).toBe("4MB")
    expect(order).toEqual(["rollback", "statement", "reset", "value"])
    expect((await conn.execute(prepared)).cells).toEqual([])
  })
})
