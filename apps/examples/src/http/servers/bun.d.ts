/**
 * The part of Bun's types that the declarations of `@effect/platform-bun` mention.
 *
 * `@types/bun` 1.4 no longer has them and declares globals that contradict `@types/node`, so that a program for three
 * runtimes cannot be checked with it.
 */
declare module "bun" {
  export interface ServeOptions {
    readonly port?: number
    readonly hostname?: string
    readonly idleTimeout?: number
    readonly fetch?: unknown
    readonly error?: unknown
  }
  export type TLSServeOptions = ServeOptions
  export type UnixServeOptions = ServeOptions
  export type UnixTLSServeOptions = ServeOptions
  export namespace RouterTypes {
    export type RouteValue<Path extends string> = (request: Request & { readonly path: Path }) => Response
  }
}
