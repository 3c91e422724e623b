import type { Compiled } from "../compiler/compiled.ts"
import { parametersText } from "../errors/parameters-text.ts"
import type { Log } from "../operation/log.ts"
import { failedStep } from "./statement-result.ts"

/** The part of an engine that the log of statements needs. */
export interface StatementLogSettings {
  readonly log: Log
  readonly loggingName: string
  readonly hideParameters: boolean
}

/** Logs a statement's SQL and parameters. */
export const logStatement = (
  { log, loggingName, hideParameters }: StatementLogSettings,
  compiled: Compiled<unknown>,
  loggingToken: string | undefined,
): void => {
  const token = loggingToken === undefined ? "" : `[${loggingToken}] `
  for (const step of compiled.steps) {
    const { statement, parameters } = failedStep(step, hideParameters)
    const values = hideParameters || parameters === undefined ? "[hidden]" : parametersText(parameters)
    log("info", `${token}${statement}`, { engine: loggingName, parameters: values })
  }
}
