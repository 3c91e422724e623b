import { describe, expect, it } from "vitest"
import { connect, failureOf, placements } from "./test-connection.ts"

describe.each(placements)("values in the placement %s", (placement) => {
  it("are read of every type, and of arrays of them, from plain SQL", async () => {
    const conn = await connect(placement)
    const { cells } = await conn.execute(
      `SELECT 1::int2, 2::int4, 3::int8, 9007199254740993::int8, 1.5::float8, 'NaN'::float8, 'Infinity'::float4,
        1.50::numeric, true, '\\x00ff'::bytea, 'a"b'::text, '{"a": 1}'::json, '"1"'::jsonb, '2024-01-02'::date,
        '03:04:05'::time, '2024-01-02 03:04:05'::timestamp, '2024-01-02 03:04:05.678901+02'::timestamptz,
        'infinity'::timestamptz, '123e4567-e89b-12d3-a456-426614174000'::uuid, NULL::int`,
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
    const arrays = await conn.execute(
      `SELECT ARRAY[1,NULL]::int4[], ARRAY[9007199254740993]::int8[], ARRAY[true,false], ARRAY['a,b','"']::text[],
        ARRAY['\\x01'::bytea], ARRAY[[1.5],[2]]::numeric[], '{}'::uuid[]`,
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
  })

  it("of 64-bit integers are bigints when that is asked for, and other numbers as ever", async () => {
    const conn = await connect(placement)
    const sql = "SELECT 1::int8, 2::int4, ARRAY[3]::int8[]"
    // Two runs of one prepared statement are under way at once.
    const answers = [true, false, true, false].map((bigints) => conn.execute(sql, [], { bigints }))
    const cells = (await Promise.all(answers)).map((answer) => answer.cells)
    expect(cells).toEqual([
      [1n, 2, [3n]],
      [1, 2, [3]],
      [1n, 2, [3n]],
      [1, 2, [3]],
    ])
  })

  it("are sent of every type", async () => {
    const conn = await connect(placement)
    const moment = new Date("-000043-03-15T12:00:00.123Z")
    const sql = `SELECT $1::int, $2::int8, $3::numeric, $4::float8, $5::bool, $6::bytea, $7::timestamptz, $8::text[],
      $9::jsonb, $10::int[], $11::bool[], $12::text, $13::date, $14::timestamptz[], $15::float8`
    const parameters = [
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
      "☃ and much more text than is written character by character",
      "2024-01-02",
      [new Date(0)],
      Number.NaN,
    ]
    // The first run parses the statement, the second prepares it, the third uses its name.
    for (let round = 0; round < 3; round++) {
      const { cells } = await conn.execute(sql, parameters)
      expect(cells).toEqual([...parameters.slice(0, 2), String(2n ** 70n), ...parameters.slice(3)])
    }
    // NULL fits every type, also after another value has decided it.
    const { cells } = await conn.execute(sql, new Array(15).fill(null))
    expect(cells).toEqual(new Array(15).fill(null))
  })

  it("of text longer than any buffer arrive whole, both ways", async () => {
    const conn = await connect(placement)
    const text = "Ünïcödé ☃ ".repeat(100_000)
    expect(await conn.value("SELECT $1::text", [text])).toBe(text)
    expect(await conn.value("SELECT repeat('x', 3000000)")).toHaveLength(3_000_000)
    const { cells } = await conn.execute("SELECT i, repeat('é', i % 50) FROM generate_series(1, 20000) i")
    expect(cells).toHaveLength(40_000)
    expect(cells.at(-1)).toBe("é".repeat(20_000 % 50))
  })

  it("are taken as text for a type that the library has its own ideas of", async () => {
    const conn = await connect(placement, { connectArgs: { timezone: "Asia/Kolkata" } })
    const parameters = ["true", "2024-01-02 03:04:05", '{"a": 1}', "\\x01"]
    const { cells } = await conn.execute("SELECT $1::bool, $2::timestamp::text, $3::jsonb::text, $4::bytea", parameters)
    expect(cells).toEqual([true, "2024-01-02 03:04:05", '{"a": 1}', new Uint8Array([1])])
  })

  it("that cannot be sent are refused before anything is", async () => {
    const conn = await connect(placement)
    const error = await failureOf(conn.execute("SELECT $1::text", ["a", { b: 1 }], { prelude: ["BEGIN"] }))
    expect(error).toMatchObject({ kind: "InterfaceError", isDisconnect: false })
    expect(error.message).toContain("Parameter 2 is of type Object")
    expect(conn.transaction).toBe("none")
    const sets = [["a"], ["\ud800"]]
    const inSet = await failureOf(conn.executeMany("SELECT $1::text", sets))
    expect(inSet).toMatchObject({ kind: "DataError" })
    expect(inSet.message).toContain("parameter set 2 of 2")
    expect((await failureOf(conn.execute("SELECT 1\0"))).message).toContain("NUL character")
  })

  it("that are more than the protocol can count are refused, also behind a prelude", async () => {
    const conn = await connect(placement)
    const parameters = new Array<number>(65_536).fill(1)
    const sql = `SELECT ${parameters.map((_, index) => `$${index + 1}::int`).join(" + ")}`
    const error = await failureOf(conn.execute(sql, parameters, { prelude: ["BEGIN"] }))
    expect(error).toMatchObject({ kind: "ProgrammingError", isDisconnect: false })
    expect(error.message).toContain("65536 parameters")
    expect(conn.transaction).toBe("none")
    const most = parameters.slice(1)
    const list = most.map((_, index) => `$${index + 1}::int`).join(",")
    expect(await conn.value(`SELECT 1 IN (${list})`, most)).toBe(true)
  })
})
