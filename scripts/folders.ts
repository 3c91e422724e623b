import { dirname, posix } from "node:path"

/** The imports that a folder of a package's sources may have. */
export interface FolderRule {
  /** The other folders of the package that it may import from, types included. */
  readonly imports: ReadonlyArray<string>
  /**
   * It may import Effect; `"types"` allows what is erased. Where it is absent, the folder may not import from one that may,
   * either.
   */
  readonly effect?: "yes" | "types"
}

/** Rules by folder. A file of `src` may have a rule of its own; the others are the entry points, whose rule is `"."`. */
export type FolderRules = Readonly<Record<string, FolderRule>>

/** An import of a source. */
export interface Import {
  readonly line: number
  readonly name: string
  /** It is erased: `import type`. */
  readonly isType: boolean
}

const expression = ["errors", "types"]
const schema = [...expression, "expression"]
const statement = [...schema, "schema"]
const compiler = [...statement, "statement", "dialect"]
const language = [...compiler, "compiler", "result", "options", "url", "style.ts"]
const connection = [...language, "operation", "driver", "pool", "transaction"]
const core = [...connection, "connection", "engine", "entity", "session"]
const shells = ["effect", "promise", "sync"]

/** The rules by package: the language is pure, the core is built on it, and the shells are built on both. */
export const folders: Readonly<Record<"packages/orm-async", FolderRules>> = {
  "packages/orm-async": {
    errors: { imports: [] },
    types: { imports: [] },
    options: { imports: ["errors"] },
    url: { imports: ["errors"] },
    expression: { imports: expression },
    schema: { imports: schema },
    statement: { imports: statement },
    dialect: { imports: ["errors", "types"] },
    compiler: { imports: compiler },
    "style.ts": { imports: [] },
    result: { imports: ["errors", "style.ts"] },

    operation: { imports: [] },
    driver: { imports: ["dialect", "errors", "operation", "options", "types", "url"] },
    pool: { imports: ["driver", "errors", "operation"] },
    transaction: { imports: ["dialect", "driver", "errors", "operation", "style.ts"] },
    connection: { imports: connection },
    engine: { imports: [...connection, "connection"] },
    entity: { imports: statement },
    session: { imports: [...connection, "connection", "engine", "entity"] },

    sync: { imports: core },
    effect: { imports: [...core, "sync"], effect: "yes" },
    promise: { imports: [...core, "sync"] },
    ".": { imports: [...core, ...shells], effect: "yes" },
    testing: { imports: [...core, ...shells, "."], effect: "yes" },
    "testing.ts": { imports: ["testing"], effect: "yes" },
  },
}

/** Modules of the workspace that load no module of Effect. */
const withoutEffect = new Set([
  "@offloop/runtime/callback",
  "@offloop/runtime/tasks",
  "@offloop/runtime/threads",
  "@offloop/runtime/worker",
])

const loadsEffect = (name: string): boolean =>
  /^(effect|@effect\/[\w-]+)(\/|$)/.test(name) || (/^@offloop\/runtime(\/|$)/.test(name) && !withoutEffect.has(name))

const mayLoadEffect = ({ effect }: FolderRule): boolean => effect === "yes"

/** The folder that a path below `src` is judged as. */
const folderOf = (path: string, rules: FolderRules): string => {
  const [first = "", second] = path.split("/")
  return second !== undefined || first in rules ? first : "."
}

/** A cycle among the folders that may import each other, as the way around it; undefined where there is none. */
const cycleOf = (rules: FolderRules): ReadonlyArray<string> | undefined => {
  const done = new Set<string>()
  const visit = (folder: string, way: ReadonlyArray<string>): ReadonlyArray<string> | undefined => {
    if (way.includes(folder)) return [...way.slice(way.indexOf(folder)), folder]
    if (done.has(folder)) return undefined
    for (const next of rules[folder]?.imports ?? []) {
      const found = visit(next, [...way, folder])
      if (found !== undefined) return found
    }
    done.add(folder)
    return undefined
  }
  for (const folder of Object.keys(rules)) {
    const found = visit(folder, [])
    if (found !== undefined) return found
  }
  return undefined
}

/** The faults of rules themselves: folders that may import each other in a circle, or Effect by way of another. */
export const ruleProblems = (rules: FolderRules): ReadonlyArray<string> => {
  const cycle = cycleOf(rules)
  const byWay = Object.entries(rules).flatMap(([folder, rule]) =>
    rule.imports
      .filter((other) => !mayLoadEffect(rule) && rules[other] !== undefined && mayLoadEffect(rules[other]))
      .map((other) => `${folder} must not import Effect, but may import ${other}, which does`),
  )
  return [...(cycle === undefined ? [] : [`folders import each other in a circle: ${cycle.join(" → ")}`]), ...byWay]
}

const importProblem = (from: string, to: string, rules: FolderRules): string | undefined => {
  const rule = rules[from]
  if (rule === undefined)
    return `is in the folder ${from}, which has no rule: say in scripts/folders.ts what it may import`
  if (from === to || rule.imports.includes(to)) return undefined
  return `points the wrong way: ${from} must not import ${to}`
}

/**
 * Every import that breaks the rule of its folder, and what is wrong with the rules themselves.
 *
 * @param source the folder that the rules' folders are in
 * @param found the imports of the package's files by path; those outside of `source` are not judged
 */
export const folderProblems = (
  source: string,
  rules: FolderRules,
  found: ReadonlyArray<Import & { readonly path: string }>,
): ReadonlyArray<string> => {
  const problems = ruleProblems(rules).map((problem) => `scripts/folders.ts: ${problem}`)
  for (const { path, line, name, isType } of found) {
    if (!path.startsWith(`${source}/`)) continue
    const from = folderOf(posix.relative(source, path), rules)
    const refuse = (reason: string): number => problems.push(`${path}:${line} "${name}" ${reason}`)
    if (name.startsWith(".")) {
      const to = folderOf(posix.relative(source, posix.join(dirname(path), name)), rules)
      const reason = importProblem(from, to, rules)
      if (reason !== undefined) refuse(reason)
    } else if (loadsEffect(name)) {
      const { effect } = rules[from] ?? {}
      if (effect === undefined || (effect === "types" && !isType)) refuse(`loads Effect, which ${from} must not import`)
    }
  }
  return problems
}
