import { TaggedError } from "@offloop/runtime/tasks"
import type { ErrorFields } from "./usage-errors.ts"

/**
 * A connection, transaction or result was used after it was closed.
 *
 * @see SQLAlchemy `sqlalchemy.exc.ResourceClosedError`
 */
export class ResourceClosedError extends TaggedError("ResourceClosedError")<ErrorFields> {}

/**
 * The transaction failed or its outcome is unknown: nothing more may run in it until it is rolled back.
 *
 * @see SQLAlchemy `sqlalchemy.exc.PendingRollbackError`
 */
export class PendingRollbackError extends TaggedError("PendingRollbackError")<ErrorFields> {}

/**
 * No connection of the pool became free in time.
 *
 * @see SQLAlchemy `sqlalchemy.exc.TimeoutError`
 */
export class TimeoutError extends TaggedError("TimeoutError")<ErrorFields> {}

/**
 * So many callers wait for a connection already that no more may: the engine's `maxWaiting`. Nothing was sent.
 *
 * @see Python `asyncio.QueueFull`
 */
export class QueueFullError extends TaggedError("QueueFullError")<ErrorFields> {}

/**
 * A pooled connection turned out to be dead when it was checked out, and so were those that replaced it.
 *
 * @see SQLAlchemy `sqlalchemy.exc.DisconnectionError`
 */
export class DisconnectionError extends TaggedError("DisconnectionError")<ErrorFields> {}
