/**
 * The Python that the ancestors run on: a virtual environment beside the peers, filled by pip on the first run; else the
 * system's Python, where it has the packages (Debian's python3-sqlalchemy, python3-aiosqlite and python3-anyio).
 */
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const folder = fileURLToPath(new URL("../peers/ancestors/", import.meta.url))
const environment = join(folder, ".venv")
const requirements = join(folder, "requirements.txt")
const stamp = join(environment, ".bench-installed")
const modules = ["sqlalchemy", "aiosqlite", "anyio", "greenlet"]

export const program: string = join(folder, "subject.py")

export type Python =
  | { readonly command: string; readonly versions: Readonly<Record<string, string>> }
  | { readonly missing: string }

/** The failure of a command; undefined when it ended well. */
const failure = (command: string, args: ReadonlyArray<string>): string | undefined => {
  const { error, status, stderr } = spawnSync(command, args, { encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] })
  if (error !== undefined) return error.message
  const last = stderr.trim().split("\n").at(-1) ?? ""
  return status === 0 ? undefined : last === "" ? `code ${status}` : last
}

const fingerprint = (): string => createHash("sha256").update(readFileSync(requirements)).digest("hex")

const makeEnvironment = (python: string): string | undefined => {
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === fingerprint()) return undefined
  const own = join(environment, process.platform === "win32" ? "Scripts/python.exe" : "bin/python")
  const reason =
    failure(python, ["-m", "venv", environment]) ??
    failure(own, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements])
  if (reason === undefined) writeFileSync(stamp, fingerprint())
  return reason
}

const versionsOf = (python: string): Readonly<Record<string, string>> | undefined => {
  const script = `import importlib.metadata as m, json, platform
print(json.dumps({"python": platform.python_version(), **{n: m.version(n) for n in ${JSON.stringify(modules)}}}))`
  const { status, stdout } = spawnSync(python, ["-c", script], { encoding: "utf8" })
  return status === 0 ? JSON.parse(stdout) : undefined
}

/** Finds or makes a Python with SQLAlchemy, aiosqlite and anyio, or says what is missing. */
export const findPython = (): Python => {
  const system = process.platform === "win32" ? "python" : "python3"
  if (failure(system, ["--version"]) !== undefined) return { missing: `there is no ${system}` }
  const reason = makeEnvironment(system)
  const command =
    reason === undefined
      ? join(environment, process.platform === "win32" ? "Scripts/python.exe" : "bin/python")
      : system
  const versions = versionsOf(command)
  if (versions !== undefined) return { command, versions }
  return {
    missing: `pip could not fill a virtual environment (${reason ?? "it is incomplete"}), and ${system} itself does not have ${modules.join(", ")}: on Debian, install python3-sqlalchemy, python3-aiosqlite and python3-anyio`,
  }
}
