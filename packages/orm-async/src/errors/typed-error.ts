/**
 * An error that calls are documented to fail with: it has a tag. Everything else that a call ends with is a fault of the
 * program or of this library.
 */
export const isTypedError = (error: unknown): error is Error & { readonly _tag: string } =>
  error instanceof Error && "_tag" in error
