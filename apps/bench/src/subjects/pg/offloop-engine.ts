/** One-shot statements of the Promise API over PostgreSQL. */
import "@offloop/driver-pg"
import {
  asc,
  createAsyncEngine,
  doublePrecision,
  eq,
  integer,
  type Placement,
  select,
  table,
  text,
} from "@offloop/orm-async/promise"
import { promise } from "../../measure/operation.ts"
import type { Item } from "../items.ts"
import { tablesOf } from "../tables.ts"
import { connections, type OpenPg } from "./subject.ts"

const { itemsTable } = tablesOf({ doublePrecision, integer, table, text })

export const openEngine =
  (placement: Placement): OpenPg =>
  async (url) => {
    const engine = await createAsyncEngine(url, { placement, poolSize: connections, maxOverflow: 0 })
    return {
      byId: (idAt) =>
        promise(async (index) =>
          (await engine.execute(select(itemsTable).where(eq(itemsTable.c.id, idAt(index))))).first(),
        ),
      first: (count) =>
        promise(
          async (): Promise<ReadonlyArray<Item>> =>
            (await engine.execute(select(itemsTable).orderBy(asc(itemsTable.c.id)).limit(count))).fetchAll(),
        ),
      close: () => engine[Symbol.asyncDispose]() as Promise<void>,
    }
  }
