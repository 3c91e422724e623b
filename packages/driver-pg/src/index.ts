/**
 * PostgreSQL for `@offloop/orm-async`, on postgres.js. Importing this package registers its driver for `postgresql://`
 * URLs.
 */
import { registerDriver } from "@offloop/orm-async/driver"
import { postgres } from "./pg-driver.ts"

registerDriver(postgres)

export { postgres } from "./pg-driver.ts"
