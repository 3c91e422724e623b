/** Imports a peer from this folder's own node_modules. */
export const load = (specifier) => import(specifier)

/** Where a file of this package is, for peers that want the path of a worker's program. */
export const fileUrl = (path) => new URL(path, import.meta.url).href
