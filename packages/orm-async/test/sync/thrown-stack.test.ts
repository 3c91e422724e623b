import { describe, expect, it } from "vitest"
import { createEngine, type Engine, Entity, integer, Session, table, textClause } from "../../src/sync.ts"
import { ScriptedDatabase } from "../driver/scripted-driver.ts"

const bad = textClause("BAD")
class Letter extends Entity(table("letters", { id: integer().primaryKey() })) {}

/** Calls of a program. Each is a function with a name that its error's stack must tell. */
const programs: Record<string, (engine: Engine) => void> = {
  "engine.execute": function executesOnEngine(engine) {
    engine.execute(bad)
  },
  "engine.executeAll": function executesAllOnEngine(engine) {
    engine.executeAll([bad])
  },
  "conn.execute in a block": (engine) => {
    engine.begin(function executesInBlock(conn) {
      conn.execute(bad)
    })
  },
  "session.getOne": function getsOne(engine) {
    Session.make(engine).getOne(Letter, 7)
  },
  "session.commit": function commitsSession(engine) {
    const session = Session.make(engine)
    session.add(new Letter({ id: 7 }))
    session.commit()
  },
}

const thrownBy = (run: () => void): Error => {
  try {
    run()
  } catch (error) {
    return error as Error
  }
  throw new Error("it did not throw")
}

describe("the stack of an error that a synchronous call throws", () => {
  it.each(Object.keys(programs))("names the line that called %s", (name) => {
    const database = new ScriptedDatabase()
    database.answers.set('SELECT "letters"."id" FROM "letters" WHERE "letters"."id" = ?', [["id"], []])
    for (const step of ["BAD", 'INSERT INTO "letters" ("id") VALUES (?)']) database.fail(step)
    using engine = createEngine("sqlite://", { driver: database.driver })
    const program = programs[name] as (typeof programs)[string]
    const error = thrownBy(() => program(engine))
    expect(error).toMatchObject({ _tag: name === "session.getOne" ? "NoResultFound" : "OperationalError" })
    expect(error.stack?.split("\n")[0]).toBe(`${error.name}: ${error.message.split("\n")[0]}`)
    expect(error.stack).toContain(name === "conn.execute in a block" ? "executesInBlock" : program.name)
    expect(error.stack).toContain("thrown-stack.test.ts")
  })

  it("is its own where the program throws in a block", () => {
    using engine = createEngine("sqlite://", { driver: new ScriptedDatabase().driver })
    const mine = new Error("mine")
    const { stack } = mine
    const error = thrownBy(() =>
      engine.begin(() => {
        throw mine
      }),
    )
    expect(error.stack).toBe(stack)
  })
})
