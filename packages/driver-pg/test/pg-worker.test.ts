import { driverContract } from "@offloop/orm-async/testing"
import { postgresIn } from "./pg-under-test.ts"

driverContract(postgresIn("worker"))
