import { DatabaseSync } from "node:sqlite"
import { differenceBetween } from "../../measure/answer.ts"
import { drive, promise } from "../../measure/operation.ts"
import { median } from "../../measure/statistics.ts"
import { warmUpUntilSteady } from "../../measure/warm-up.ts"
import type { Case, Entrant } from "../../model.ts"
import type { Context, Entered, Part, Suite } from "../../suite.ts"
import { type Client, connectTo } from "./load.ts"
import { startServer } from "./server.ts"

const throughput = "requests a second"
const tail = "latency while a report runs"
const connections = 32

const cases: ReadonlyArray<Case> = [
  {
    name: throughput,
    about: `cities by their ids over ${connections} connections`,
    unit: "1/s",
    better: "more",
    compare: "median",
  },
  {
    name: tail,
    about:
      "how long a city by its id takes on 4 connections while another asks for the population report over and over",
    unit: "ms",
    better: "less",
    compare: "p99",
  },
]

const placements: Readonly<Record<string, string>> = { "offloop worker": "worker", "offloop inline": "inline" }

const entrants: ReadonlyArray<Entrant> = Object.keys(placements).map((name) => ({ name, ours: true, peers: [] }))

const cities = 5_000
const report = "/reports/population?cities=1000"

interface City {
  readonly id: number
}

/** The answers that the API must give, by a connection of its own. */
const readCities = (path: string): ReadonlyArray<City> => {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return database
      .prepare(
        `SELECT c.id, c.name, c.population, c.latitude, c.longitude, c.country_code AS countryCode, r.code AS regionCode
FROM cities c JOIN regions r ON r.id = c.region_id ORDER BY c.id`,
      )
      .all() as unknown as ReadonlyArray<City>
  } finally {
    database.close()
  }
}

/** Throughput is a figure of a round, not of an operation: one sample each. */
const throughputRound = async (client: Client, pathAt: (index: number) => string, ms: number) => {
  const end = performance.now() + ms
  const start = performance.now()
  let answered = 0
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < end) {
        await client.get(pathAt(answered))
        answered++
      }
    }),
  )
  return [(answered * 1000) / (performance.now() - start)]
}

/** Latencies of small requests for as long as a report takes, at least once and for as long as the round lasts. */
const tailRound = async (client: Client, reporter: Client, pathAt: (index: number) => string, ms: number) => {
  const samples: Array<number> = []
  let reporting = true
  const timed = promise(async (index) => {
    const before = performance.now()
    await client.get(pathAt(index))
    samples.push(performance.now() - before)
  })
  const small = async () => {
    for (let from = 0; reporting; from += 8) await drive(timed, from, 8, 4)
  }
  const reports = async () => {
    const end = performance.now() + ms
    try {
      do await reporter.get(report)
      while (performance.now() < end)
    } finally {
      reporting = false
    }
  }
  await Promise.all([small(), reports()])
  return samples
}

const partOf = (name: string, url: string, known: ReadonlyArray<City>): Part & { readonly close: () => void } => {
  const client = connectTo(url, connections)
  const reporter = connectTo(url, 1)
  const cityAt = (index: number) => known[(index * 379) % known.length]!
  const pathAt = (index: number) => `/cities/${cityAt(index).id}`
  const round = (ms: number) =>
    name === throughput ? throughputRound(client, pathAt, ms) : tailRound(client, reporter, pathAt, ms)
  return {
    check: async () => {
      for (const index of [0, 1, 2]) {
        const difference = differenceBetween(cityAt(index), await client.get(pathAt(index)))
        if (difference !== undefined) return difference
      }
      const rows = await reporter.get(report)
      return Array.isArray(rows) && rows.length > 0 ? undefined : "the report is empty"
    },
    warmUp: (limitMs) => warmUpUntilSteady(async (ms) => median(await round(ms)), limitMs),
    round,
    finish: async () => ({ operationsPerSample: 1 }),
    close: () => {
      client.close()
      reporter.close()
    },
  }
}

const enter = async (entrant: string, { runtime, folder }: Context): Promise<Entered> => {
  const path = `${folder}/cities.db`
  const server = await startServer(runtime, path, placements[entrant]!, cities)
  const known = readCities(path)
  let last: ReturnType<typeof partOf> | undefined
  return {
    open: async (name) => {
      last?.close()
      last = partOf(name, server.url, known)
      return last
    },
    close: async () => {
      last?.close()
      await server.stop()
    },
  }
}

export const http: Suite = {
  name: "http",
  about: "the example API over SQLite under load from another process, in both placements",
  cases,
  entrants,
  enter,
  pace: (quick) => ({ rounds: quick ? 3 : 7, roundMs: quick ? 500 : 1_200, warmUpLimitMs: quick ? 300 : 600 }),
  patienceMs: 90_000,
}
