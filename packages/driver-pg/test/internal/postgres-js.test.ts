import { readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const source = async (): Promise<string> =>
  readFile(new URL("./connection.js", import.meta.resolve("postgres")), "utf8")

/**
 * The driver gives a connection of postgres.js query objects of its own. What it relies on is no part of that library's
 * documentation, so the version is pinned, and these are what to look at before it is raised.
 */
describe("postgres.js, whose connection the driver gives queries of its own", () => {
  it("is the version that this was written for", async () => {
    const manifest = await readFile(fileURLToPath(new URL("../../package.json", import.meta.url)), "utf8")
    expect(JSON.parse(manifest).dependencies.postgres).toBe("3.4.9")
  })

  it.each([
    ["hands the connection to a query", "(!q.options.onexecute || q.options.onexecute(connection))"],
    ["marks the query whose answer is next", "query.active = true"],
    ["sends a simple query as one message with its text", "? b().Q().str(q.statement.string + b.N).end()"],
    [
      "gives rows as arrays to the query",
      "? query.forEachFn(transform.row.from ? transform.row.from(row) : row, result)",
    ],
    ["reads rows by the query's columns", "query.isRaw ? new Array(query.statement.columns.length) : {}"],
    ["describes columns into the query's statement", "query.statement.columns = Array(length)"],
    ["tells the query an error when the server is ready", ": errored(errorResponse)"],
    ["tells the query its result when the server is ready", "query.resolve(results || result)"],
  ])("%s", async (_, words) => {
    expect(await source()).toContain(words)
  })
})
