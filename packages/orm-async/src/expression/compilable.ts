/**
 * A statement on which the compiler keeps what it made of it, so that the statement is found again by itself. Statements
 * stay immutable for everybody else: nothing that they mean depends on it.
 */
export abstract class Compilable {
  #compilation: object | undefined

  /** Returns what the compiler kept on a statement last. */
  static compilationOf(statement: Compilable): object | undefined {
    return statement.#compilation
  }

  /** Keeps something on a statement, in place of what was kept before. */
  static keepCompilation(statement: Compilable, compilation: object): void {
    statement.#compilation = compilation
  }
}
