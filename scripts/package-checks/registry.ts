import { createHash } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { createPackageFromTarballData } from "@arethetypeswrong/core"
import type { Tarball } from "./tarball.ts"

/** A registry on this machine that has the packed packages, and nothing else. */
export interface Registry {
  readonly url: string
  readonly close: () => Promise<void>
}

/** Serves tarballs as a registry does, so that the commands that documents show install them as they stand. */
export const serveRegistry = async (tarballs: ReadonlyArray<Tarball>): Promise<Registry> => {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "").slice(1)
    const packed = tarballs.find(({ name }) => path === `${name}/-/package.tgz`)
    if (packed !== undefined) {
      response.end(packed.data)
      return
    }
    const named = tarballs.find(({ name }) => path === name)
    if (named === undefined) {
      response.writeHead(404).end("{}")
      return
    }
    const { name, data } = named
    const manifest = JSON.parse(createPackageFromTarballData(data).readFile(`/node_modules/${name}/package.json`))
    const { version } = manifest
    const dist = {
      tarball: `http://${request.headers.host}/${name}/-/package.tgz`,
      integrity: `sha512-${createHash("sha512").update(data).digest("base64")}`,
      shasum: createHash("sha1").update(data).digest("hex"),
    }
    response.writeHead(200, { "content-type": "application/json" })
    response.end(
      JSON.stringify({ name, "dist-tags": { latest: version }, versions: { [version]: { ...manifest, dist } } }),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(0, "127.0.0.1", resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
