import { driverContract } from "@offloop/orm-async/testing"
import { sqliteFile } from "./sqlite-under-test.ts"

driverContract(sqliteFile("inline"))
