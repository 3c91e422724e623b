import { driverContract } from "@offloop/orm-async/testing"
import { sqliteMemory } from "./sqlite-under-test.ts"

driverContract(sqliteMemory("worker"))
