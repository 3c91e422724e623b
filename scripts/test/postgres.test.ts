import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { connect } from "node:net"
import { join } from "node:path"
import { expect, it } from "vitest"
import { type PostgresServer, startPostgres } from "../postgres.ts"

const program = join(import.meta.dirname, "..", "postgres.ts")

const answers = async (url: string): Promise<boolean> => {
  const socket = connect(Number(new URL(url).port), "127.0.0.1")
  try {
    await once(socket, "connect")
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

const started = async (child: ChildProcess): Promise<string> => {
  if (child.stdout === null) throw new Error("Its output has to be piped.")
  const [chunk] = await once(child.stdout, "data")
  return String(chunk).trim()
}

it("serves until it is stopped, and may be stopped twice", async () => {
  const server: PostgresServer = await startPostgres()
  try {
    expect(await answers(server.url)).toBe(true)
  } finally {
    await server.stop()
  }
  expect(await answers(server.url)).toBe(false)
  await server.stop()
})

it("gives two servers different ports and passwords", async () => {
  const servers = await Promise.all([startPostgres(), startPostgres()])
  try {
    const [one, two] = servers.map(({ url }) => new URL(url))
    expect(one?.port).not.toBe(two?.port)
    expect(one?.password).not.toBe(two?.password)
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
})

it("stops the server when the pipe to its process closes, as it does when the other end was killed", async () => {
  const host = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"] })
  const ended = once(host, "exit")
  const url = await started(host)
  expect(await answers(url)).toBe(true)
  host.stdin.destroy()
  expect(await ended).toEqual([0, null])
  expect(await answers(url)).toBe(false)
})

// Windows has no signals that a program can handle: there, closing the pipe is the way.
it.runIf(process.platform !== "win32").each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "stops the server on %s",
  async (signal) => {
    const host = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"] })
    const ended = once(host, "exit")
    const url = await started(host)
    host.kill(signal)
    expect(await ended).toEqual([{ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal], null])
    expect(await answers(url)).toBe(false)
  },
)

it("runs a command with the server's URL, and ends as the command ends", async () => {
  const script = "console.log(process.env.OFFLOOP_TEST_PG_URL); process.exitCode = 7"
  const host = spawn(process.execPath, [program, process.execPath, "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  const ended = once(host, "exit")
  const url = await started(host)
  expect(url).toMatch(/^postgresql:\/\/postgres:[0-9a-f]+@127\.0\.0\.1:\d+\/postgres$/)
  expect(await ended).toEqual([7, null])
  expect(await answers(url)).toBe(false)
})
