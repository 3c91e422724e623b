/** The tests that every driver must pass, for the drivers of this project and for those of others. */
export type { Contract, TestEnv } from "./contract.ts"
export { driverContract } from "./driver-contract.ts"
export type { DriverUnderTest, TestDatabase } from "./driver-under-test.ts"
