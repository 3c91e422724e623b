import { type Section, text } from "../content.ts"
import { fourTable } from "./columns.ts"

export const architecture: Section = {
  id: "architecture",
  title: "Architecture differences",
  blocks: [
    text(
      "All four let a program that waits for many things at once use database code that was written to block. They differ in where that code runs, and in how it waits.",
    ),
    fourTable("Architecture differences", [
      [
        "Where the core runs",
        "on the loop's thread",
        "in a thread of a pool, one call at a time",
        "on the loop's thread",
        "statements are built on the loop, the database works in a thread of its connection",
      ],
      [
        "How it waits",
        "in a greenlet, which gives the thread back to the loop while the driver awaits",
        "the thread blocks; the loop awaits the thread",
        "it does not: the loop stands still while the database works",
        "the loop awaits an answer in shared memory; the thread sleeps until it is called",
      ],
      [
        "What crosses a thread",
        "nothing of SQLAlchemy's; aiosqlite sends each driver call to a thread of its own",
        "one call to a function, with references to its arguments",
        "nothing",
        "SQL and parameters there, all rows of a batch back, copied",
      ],
      [
        "Hops for one statement",
        "one for each call of the driver: execute, fetch, close",
        "one for each function that is sent, however many statements it has",
        "none",
        "one; BEGIN travels with the first statement",
      ],
      [
        "Which thread has the connection",
        "the driver's own",
        "any thread of the pool, perhaps another one with each call",
        "the loop's",
        "one thread, as long as the connection lives",
      ],
      [
        "When the caller is cancelled",
        "cancelled in the middle of what it awaits; cleaning up has to be shielded, and a slot of the pool can be lost",
        "the call goes on in its thread and is waited for, unless it is abandoned",
        "before or after a statement, never in it",
        "the caller goes on at once; the statement ends in its thread, and the transaction then accepts only a rollback",
      ],
      [
        "What tells the placements apart",
        "another API: `AsyncEngine` beside `Engine`",
        "the caller: it sends functions",
        "one option, `placement=inline`",
        "one option, `placement=worker`, which is the default for SQLite",
      ],
    ]),
  ],
}
