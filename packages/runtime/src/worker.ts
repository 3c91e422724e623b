/** What the code of a task can use where it runs. Imports nothing of Effect. */
export {
  annotateLogs,
  type Counter,
  callerSpan,
  counter,
  crossingValue,
  currentSpan,
  type Frequency,
  frequency,
  type Gauge,
  gauge,
  type Histogram,
  histogram,
  type Level,
  log,
  logAnnotations,
  logDebug,
  logError,
  logFatal,
  logInfo,
  logTrace,
  logWarning,
  minimumLogLevel,
  type Span,
  type SpanOptions,
  type Summary,
  summary,
  withLogSpan,
  withSpan,
} from "./CallContext.ts"
export * as fromThread from "./FromThread.ts"
export { checkCancelled } from "./FromThread.ts"
export { CallCancelledError, PortalError } from "./internal/portal/errors.ts"
export { transfer } from "./internal/transport/moves.ts"
export { currentSignal } from "./internal/worker/signal.ts"
