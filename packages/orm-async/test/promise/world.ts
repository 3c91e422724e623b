import { integer, table, text } from "../../src/index.ts"
import { type AsyncEngineOptions, createAsyncEngine } from "../../src/promise.ts"
import { ScriptedDatabase } from "../driver/scripted-driver.ts"

export const users = table("users", { id: integer().primaryKey(), name: text() })
export const selectUsers = 'SELECT "users"."id", "users"."name" FROM "users"'

/** An engine of the Promise style on a scripted database with three users. */
export const setUp = async (options: AsyncEngineOptions = {}) => {
  const database = new ScriptedDatabase()
  database.answers.set(selectUsers, [
    ["id", "name"],
    [1, "ann", 2, "bo", 3, "cy"],
  ])
  const engine = await createAsyncEngine("sqlite://", { driver: database.driver, ...options })
  return { database, engine }
}

/** The error that a promise rejects with. */
export const rejection = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error("it did not reject")
}
