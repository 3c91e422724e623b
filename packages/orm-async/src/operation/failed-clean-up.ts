/** An error after which the clean-up failed as well. Styles show `error`, and `cleanUp` where they can show both. */
export class FailedCleanUp extends Error {
  override readonly name = "FailedCleanUp"
  readonly error: unknown
  readonly cleanUp: unknown

  constructor(error: unknown, cleanUp: unknown) {
    super("the clean-up after an error failed as well")
    this.error = error
    this.cleanUp = cleanUp
  }
}
