import type { PooledConnection } from "./pooled-connection.ts"

/** Where listeners of a pool attach; a hook that is missing costs nothing. None may throw. */
export interface PoolHooks {
  connect?(connection: PooledConnection): void
  checkout?(connection: PooledConnection): void
  checkin?(connection: PooledConnection): void
  reset?(connection: PooledConnection): void
  close?(connection: PooledConnection): void
}
