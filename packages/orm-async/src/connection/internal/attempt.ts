import * as Either from "effect/Either"
import {
  ArgumentError,
  CompileError,
  InvalidRequestError,
  ResourceClosedError,
  type StatementBuildError,
  StatementError,
} from "../../errors/index.ts"

/** Runs pure code that throws typed errors: those are given back, anything else is a defect and thrown on. */
export const attempt = <A>(run: () => A): Either.Either<A, StatementBuildError | ResourceClosedError> => {
  try {
    return Either.right(run())
  } catch (error) {
    if (
      error instanceof ArgumentError ||
      error instanceof CompileError ||
      error instanceof InvalidRequestError ||
      error instanceof StatementError ||
      error instanceof ResourceClosedError
    ) {
      return Either.left(error)
    }
    throw error
  }
}
