/**
 * Why a transaction accepts nothing but a rollback:
 *
 * - `interrupted`: a statement's caller has left, so that nobody knows whether it took effect
 * - `failed`: a savepoint could not be rolled back
 * - `lost`: the connection was lost
 * - `crossed`: blocks ended in the wrong order
 * - `ended`: the database has ended the transaction by itself, or SQL of the program's own did
 * - `unknown`: an answer did not arrive whole
 */
export type Trouble = "interrupted" | "failed" | "lost" | "crossed" | "ended" | "unknown"

/** The reasons as an error's message gives them. */
export const troubleText: Readonly<Record<Trouble, string>> = {
  interrupted: "a statement in it was interrupted and may or may not have taken effect",
  failed: "one of its savepoints could not be rolled back",
  lost: "its connection was lost",
  crossed: "its blocks did not end in the reverse order of their beginning",
  ended:
    "the database has ended it already, after an error (as ON CONFLICT ROLLBACK or a full disk) or by a COMMIT or ROLLBACK that was executed as SQL",
  unknown: "the answer to a statement in it could not be read, and the statement may or may not have taken effect",
}
