import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { launch, type Runtime } from "../runtimes.ts"
import { examples, projects } from "./examples.ts"
import { folders, pack, pnpm, root, run } from "./tarball.ts"

const tsc = join(root, "node_modules", "typescript", "bin", "tsc")

/** A project of its own, outside of the workspace, that has installed the tarballs. */
export interface Consumer {
  readonly folder: string
  /** Type-checks the project. Fails with what the compiler says. */
  readonly check: () => void
  /** Type-checks the examples of a document. Fails with what the compiler says about each, and where the example is. */
  readonly checkExamples: (documents: ReadonlyArray<string>) => void
  /** Runs a file of the project on a runtime, and gives what it printed. */
  readonly run: (runtime: Runtime, file: string, args: ReadonlyArray<string>) => string
  /** The versions of a package that are installed. */
  readonly versions: (name: string) => ReadonlyArray<string>
  readonly remove: () => void
}

/** Packs the packages, which have been built, and installs them in a copy of the folder `consumer`. */
export const installConsumer = (): Consumer => {
  // The real path: on macOS the temporary folder is behind a link, and a file would have two names.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "offloop-consumer-")))
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  try {
    cpSync(join(import.meta.dirname, "consumer"), folder, { recursive: true })
    const tarballs = Object.fromEntries(folders.map((name) => pack(name, folder)).map(({ name, path }) => [name, path]))
    const rootDependencies = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devDependencies
    // All peers, also optional ones: the examples show those too.
    const peerDependencies = Object.assign(
      {},
      ...folders.map(
        (name) => JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8")).peerDependencies,
      ),
    )
    const manifest = {
      name: "consumer",
      private: true,
      type: "module",
      dependencies: {
        ...peerDependencies,
        ...Object.fromEntries(Object.entries(tarballs).map(([name, path]) => [name, `file:${path}`])),
        "@types/node": rootDependencies["@types/node"],
      },
    }
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest, null, 2))
    // The tarballs name each other by version, and no registry has these versions yet. JSON is YAML.
    const workspace = {
      overrides: Object.fromEntries(Object.entries(tarballs).map(([name, path]) => [name, `file:${path}`])),
      allowBuilds: { "better-sqlite3": true, "msgpackr-extract": false },
    }
    writeFileSync(join(folder, "pnpm-workspace.yaml"), JSON.stringify(workspace, null, 2))
    pnpm(["install", "--prefer-offline", "--config.confirmModulesPurge=false"], folder)
  } catch (error) {
    remove()
    throw error
  }
  return {
    folder,
    check: () => {
      run(process.execPath, [tsc, "-p", "tsconfig.json"], folder)
    },
    checkExamples: (documents) => {
      const examplesFolder = mkdtempSync(join(folder, "examples-"))
      const places = documents.flatMap((path) =>
        projects(examples(path, readFileSync(join(root, path), "utf8"))).map(({ example, files }, index) => {
          const name = `${path.replaceAll("/", "+")}+${index}`
          for (const [file, code] of Object.entries(files)) {
            mkdirSync(dirname(join(examplesFolder, name, file)), { recursive: true })
            writeFileSync(join(examplesFolder, name, file), code)
          }
          return [name, example.at] as const
        }),
      )
      const tsconfig = { extends: "../tsconfig.json", include: ["**/*.ts", "**/*.mts"] }
      writeFileSync(join(examplesFolder, "tsconfig.json"), JSON.stringify(tsconfig))
      const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.json", "--pretty", "false"], {
        cwd: examplesFolder,
        encoding: "utf8",
        timeout: 240_000,
      })
      const readable = places.reduce((text, [name, at]) => text.replaceAll(`${name}/`, `${at} `), stdout)
      if (status !== 0) throw new Error(readable)
    },
    run: (runtime, file, args) => {
      const { executable, args: before } = launch(runtime)
      return run(executable, [...before, file, ...args], folder)
    },
    versions: (name) =>
      readdirSync(join(folder, "node_modules", ".pnpm"))
        .filter((entry) => entry.startsWith(`${name.replace("/", "+")}@`))
        .map((entry) => entry.slice(name.length + 1).split("_")[0] ?? entry),
    remove,
  }
}
