/** Which threads the Promise API uses. */
import type * as Layer from "effect/Layer"
import * as Backends from "../Backend.ts"
import type { UnsupportedRuntimeError } from "../errors.ts"
import * as InlineBackend from "../InlineBackend.ts"

/** `"threads"` (default): those of this runtime. `"inline"`: none, everything runs on the loop's own thread. */
export type Backend = "threads" | "inline"

/** Its layer. */
export const layerOf = (backend: Backend | undefined): Layer.Layer<Backends.Backend, UnsupportedRuntimeError> =>
  backend === "inline" ? InlineBackend.layer : Backends.layer
