/** One short program: loads a library, opens a database, reads a row, closes, ends. */
import { report } from "../../process/once.ts"
import { openerOf } from "../../subjects/sqlite/index.ts"
import { plainRow } from "../sqlite/entry.ts"

const [subjectName, path, id] = process.argv.slice(2)
switch (subjectName) {
  case "nothing":
    report(null)
    break
  case "bare worker": {
    const pool = await (await import("../../subjects/hop/post-message.ts")).open()
    await pool.task("empty", undefined).run(0)
    report(null)
    await pool.close()
    break
  }
  default: {
    const open = await openerOf(subjectName!)
    const subject = await open({ path: path!, synchronous: "NORMAL" })
    report(plainRow(subject)(await subject.byId(() => Number(id)).run(0)))
    await subject.close()
  }
}
