export type { SyncStyle } from "../result/sync-style.ts"
