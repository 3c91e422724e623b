/** Finds a Chromium that is on the machine, or installs Debian's where that can be done. */
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { delimiter, join } from "node:path"

const commands = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"]

const places = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
]

const find = (): string | undefined => {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "")
  return [...folders.flatMap((folder) => commands.map((command) => join(folder, command))), ...places].find((path) =>
    existsSync(path),
  )
}

/** The reason for which it did not work, or undefined when it did. Tests of several runtimes may come at once: they wait in line. */
const install = (): string | undefined => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "only root can install it, on a Debian"
  const line = ["-o", "DPkg::Lock::Timeout=240"]
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
  for (const args of [
    ["update", ...line],
    ["install", "-y", "--no-install-recommends", ...line, "chromium"],
  ]) {
    const { error, status, stderr } = spawnSync("apt-get", args, { encoding: "utf8", env })
    if (error !== undefined) return `apt-get did not run: ${error.message}`
    // The lists may have been brought by someone else meanwhile.
    if (status !== 0 && args[0] === "install") return `apt-get install chromium: ${stderr.trim().slice(-300)}`
  }
  return undefined
}

/** The path of a browser, or the reason for which there is none. @throws Error when the one that `CHROMIUM_PATH` names is not there. */
export const findChromium = (): { readonly path: string } | { readonly missing: string } => {
  const named = process.env.CHROMIUM_PATH
  if (named !== undefined && named !== "") {
    if (existsSync(named)) return { path: named }
    throw new Error(`CHROMIUM_PATH names ${named}, which is not there.`)
  }
  const found = find()
  if (found !== undefined) return { path: found }
  const reason = install()
  const installed = find()
  if (installed !== undefined) return { path: installed }
  return {
    missing: `The comparison page is tested in a browser, and there is none: install Chromium or Chrome, or set CHROMIUM_PATH to one. It could not be installed here: ${reason ?? "chromium is not in Debian's usual place"}.`,
  }
}
