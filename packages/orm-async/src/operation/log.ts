/** The importance of a message. */
export type LogLevel = "debug" | "info" | "warning"

/** Writes a message to wherever the program's log goes. */
export type Log = (level: LogLevel, message: string, details?: unknown) => void
