import type { Log } from "./log.ts"

const onOneLine = (text: string): string => text.replace(/\s*\n\s*/g, " ")

const detailsText = (details: unknown): string => {
  if (details === undefined) return ""
  if (details instanceof Error) return `: ${details.name}: ${details.message}`
  if (typeof details !== "object" || details === null) return `: ${String(details)}`
  return Object.entries(details)
    .map(([name, value]) => ` ${name}=${String(value)}`)
    .join("")
}

/** Writes messages to the console, one line for each; those of the level `debug` are left out. */
export const consoleLog: Log = (level, message, details) => {
  if (level === "debug") return
  console[level === "warning" ? "warn" : "info"](onOneLine(`offloop: ${message}${detailsText(details)}`))
}
