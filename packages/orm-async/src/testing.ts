/** The tests that every driver must pass, for the drivers of this project and for those of others. */
export type { Contract, TestEnv } from "./testing/contract.ts"
export { driverContract } from "./testing/driver-contract.ts"
export type { DriverUnderTest, TestDatabase } from "./testing/driver-under-test.ts"
