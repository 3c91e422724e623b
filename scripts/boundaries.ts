import { isBuiltin } from "node:module"
import { dirname, posix } from "node:path"
import { parseSync, Visitor } from "oxc-parser"
import type { Import } from "./folders.ts"

/** The dependencies that a folder of the workspace may have. */
export interface Rule {
  /** The packages of the workspace it may name: the arrows of docs/architecture.md. */
  readonly workspace: ReadonlyArray<string>
  /** The other packages its sources may name; undefined where its package.json is the only limit. */
  readonly external?: ReadonlyArray<string>
  /** The other packages, and modules of the runtimes, that the tests it exports, in `src/testing`, may name besides. */
  readonly testing?: ReadonlyArray<string>
  /** True if its sources run wherever JavaScript does, and so name no module of Node, Bun or Deno. */
  readonly portable?: boolean
  /** The files outside of every package that it may import. */
  readonly outside?: ReadonlyArray<string>
}

/** The rules: runtime ← orm-async ← drivers ← apps, and never the other way. */
export const rules: Readonly<Record<string, Rule>> = {
  "packages/runtime": { workspace: [], external: ["effect", "@effect/platform"] },
  "packages/orm-async": {
    workspace: ["@offloop/runtime"],
    external: ["effect", "@effect/platform", "@effect/sql", "@effect/experimental"],
    testing: ["vitest", "node:async_hooks"],
    portable: true,
  },
  "packages/driver-sqlite": { workspace: ["@offloop/runtime", "@offloop/orm-async"] },
  "packages/driver-pg": { workspace: ["@offloop/runtime", "@offloop/orm-async"] },
  "apps/examples": {
    workspace: ["@offloop/runtime", "@offloop/orm-async", "@offloop/driver-sqlite", "@offloop/driver-pg"],
    outside: ["scripts/runtimes.ts"],
  },
  "apps/bench": {
    workspace: ["@offloop/runtime", "@offloop/orm-async", "@offloop/driver-sqlite", "@offloop/driver-pg"],
    outside: ["scripts/postgres.ts", "scripts/runtimes.ts"],
  },
}

/** The part of a package.json that is read here. */
export interface Manifest {
  readonly name: string
  readonly exports?: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** A folder of the workspace as it is on disk; paths are relative to the root, with slashes. */
export interface Member {
  readonly folder: string
  readonly manifest: Manifest
  readonly files: ReadonlyArray<{ readonly path: string; readonly text: string }>
}

/** The modules that a TypeScript source names, in any way it can: also in types, and in dynamic imports of a constant. */
export const imports = (path: string, text: string): ReadonlyArray<Import> => {
  const { program, errors } = parseSync(path, text)
  const [error] = errors
  if (error !== undefined) throw new Error(`${path}: ${error.message}`)
  const found: Array<Import> = []
  const add = (source: unknown, isType = false): void => {
    if (typeof source !== "object" || source === null) return
    const { value, start } = source as { readonly value?: unknown; readonly start: number }
    if (typeof value === "string") found.push({ line: text.slice(0, start).split("\n").length, name: value, isType })
  }
  new Visitor({
    ImportDeclaration: ({ source, importKind }) => add(source, importKind === "type"),
    ExportNamedDeclaration: ({ source, exportKind }) => add(source, exportKind === "type"),
    ExportAllDeclaration: ({ source, exportKind }) => add(source, exportKind === "type"),
    ImportExpression: ({ source }) => add(source),
    TSImportType: ({ source }) => add(source, true),
  }).visit(program)
  return found
}

/** The package of a bare specifier: `@scope/name/sub` is of `@scope/name`. */
const packageOf = (name: string): string =>
  name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/")

/** True if `exports` has an entry for the specifier: where patterns and names both match, the name decides, as in Node. */
const isPublic = ({ name, exports }: Manifest, specifier: string): boolean => {
  const entry = `.${specifier.slice(name.length)}`
  if (exports === undefined) return false
  if (entry in exports) return exports[entry] !== null
  const patterns = Object.keys(exports).filter((key) => {
    const [before = "", after] = key.split("*")
    return after !== undefined && entry.startsWith(before) && entry.endsWith(after)
  })
  const closest = patterns.sort((a, b) => b.indexOf("*") - a.indexOf("*"))[0]
  return closest !== undefined && exports[closest] !== null
}

const problem = (
  specifier: string,
  file: string,
  member: Member,
  rule: Rule,
  workspace: ReadonlyMap<string, Manifest>,
  rootDependencies: ReadonlyArray<string>,
): string | undefined => {
  const isSource = file.startsWith(`${member.folder}/src/`)
  if (specifier.startsWith(".")) {
    const target = posix.join(dirname(file), specifier)
    if (target.startsWith(`${member.folder}/`) || rule.outside?.includes(target)) return undefined
    return "reaches out of its package: import the other by its name"
  }
  const isTesting = file.startsWith(`${member.folder}/src/testing/`)
  if (isTesting && isBuiltin(specifier) && rule.testing?.includes(specifier)) return undefined
  if (isBuiltin(specifier) || /^(bun|deno|npm|jsr|https?)(:|$)/.test(specifier)) {
    return isSource && rule.portable
      ? "belongs to one runtime: only @offloop/runtime may know it, offer what is needed there"
      : undefined
  }
  const name = packageOf(specifier)
  const target = workspace.get(name)
  if (target !== undefined) {
    if (name === member.manifest.name) return isSource ? "is the package itself: import the file" : undefined
    if (!rule.workspace.includes(name)) return `points the wrong way: ${member.folder} must not know ${name}`
    if (!isPublic(target, specifier)) return `is not public: ${name} does not export it`
  }
  const allowed = rule.external && [...rule.external, ...(isTesting ? (rule.testing ?? []) : [])]
  if (isSource && target === undefined && allowed !== undefined && !allowed.includes(name)) {
    return `is not among what ${member.folder} may use: ${allowed.join(", ")}`
  }
  const { dependencies, peerDependencies, devDependencies } = member.manifest
  const declared = { ...dependencies, ...peerDependencies, ...(isSource ? {} : devDependencies) }
  if (name in declared || (!isSource && rootDependencies.includes(name))) return undefined
  return `is not declared: add ${name} to ${member.folder}/package.json`
}

/**
 * Every place where a member of the workspace breaks its rule, in words: `file:line "import" reason`.
 *
 * @param members all members, since an import is judged by what the other side exports
 * @param rootDependencies the packages that the root's package.json brings for tests
 */
export const violations = (
  member: Member,
  members: ReadonlyArray<Member>,
  rootDependencies: ReadonlyArray<string>,
): ReadonlyArray<string> => {
  const rule = rules[member.folder]
  if (rule === undefined) return [`${member.folder} has no rule: say in scripts/boundaries.ts what it may depend on`]
  const workspace = new Map(members.map(({ manifest }) => [manifest.name, manifest]))
  const { dependencies, peerDependencies, devDependencies } = member.manifest
  const backwards = Object.keys({ ...dependencies, ...peerDependencies, ...devDependencies })
    .filter((name) => workspace.has(name) && !rule.workspace.includes(name))
    .map((name) => `${member.folder}/package.json "${name}" points the wrong way: ${member.folder} must not know it`)
  const wrong = member.files.flatMap(({ path, text }) =>
    imports(path, text).flatMap(({ line, name }) => {
      const reason = problem(name, path, member, rule, workspace, rootDependencies)
      return reason === undefined ? [] : [`${path}:${line} "${name}" ${reason}`]
    }),
  )
  return [...backwards, ...wrong]
}
