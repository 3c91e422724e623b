/** The level of an `Executable` or `Selectable`; exists for the compiler only. */
export declare const levelType: unique symbol

/** `core` statements give plain rows and run on a connection; `orm` statements give entities and need a session. */
export type StatementLevel = "core" | "orm"
