/** The first point selects of this process, and how long each took. */
import { differenceBetween } from "../../measure/answer.ts"
import { firstOperations } from "../../measure/first-operations.ts"
import { report } from "../../process/once.ts"
import { idAt, item } from "../../subjects/items.ts"
import { openerOf } from "../../subjects/sqlite/index.ts"
import type { SqliteFile } from "../../subjects/sqlite/subject.ts"
import { inspectSettings, plainRow } from "../sqlite/entry.ts"
import { type ColdJob, figuresOf } from "./figures.ts"

const { entrant, path, count, inFlight }: ColdJob = JSON.parse(process.argv[2]!)
const file: SqliteFile = { path, synchronous: "NORMAL" }
const open = await openerOf(entrant)
const subject = await open(file)
// The suite startup is about opening. This asks the database for two settings, so that it is open.
const settings = await inspectSettings({ subject, file })
const { answers, waits, totalMs } = await firstOperations(subject.byId(idAt), count, inFlight)
const difference = differenceBetween(
  answers.map((_, index) => item(idAt(index))),
  answers.map(plainRow(subject)),
)
report(figuresOf(waits, totalMs, settings ?? difference))
await subject.close()
