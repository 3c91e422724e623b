import { type Driver, sqliteDialect } from "@offloop/orm-async/driver"

/** The name, dialect and abilities of this driver, wherever a connection of it is used. */
export const sqliteIdentity: Pick<Driver, "name" | "dialect" | "capabilities"> = {
  name: "better-sqlite3",
  dialect: sqliteDialect,
  capabilities: {
    placements: ["worker", "inline"],
    cancelsRunningStatement: false,
    concurrentWriters: false,
    groupsUnits: true,
    streams: true,
    transactionalDdl: true,
    isolationLevels: ["SERIALIZABLE", "AUTOCOMMIT"],
    beginModes: ["DEFERRED", "IMMEDIATE", "EXCLUSIVE"],
  },
}
