/**
 * Loaded before each test file on Deno.
 *
 * Vitest ends a worker by removing the listeners of its parent port, which Deno has not implemented: there, the call
 * throws after the tests, and the run fails although every test passed. The worker ends right after that call, so that
 * nothing is lost when it does nothing.
 */
import { parentPort } from "node:worker_threads"

if (parentPort === null) throw new Error("Tests run in worker threads: see vitest.shared.ts.")
const port = parentPort
port.removeAllListeners = () => port
