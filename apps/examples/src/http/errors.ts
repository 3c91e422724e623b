import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as Schema from "effect/Schema"

/** No country or city of that name exists. */
export class NotFound extends Schema.TaggedError<NotFound>()(
  "NotFound",
  { message: Schema.String },
  HttpApiSchema.annotations({ status: 404 }),
) {}

/** The new city names a region that does not exist. What is malformed in itself is an `HttpApiDecodeError`, also 400. */
export class UnknownRegion extends Schema.TaggedError<UnknownRegion>()(
  "UnknownRegion",
  { message: Schema.String },
  HttpApiSchema.annotations({ status: 400 }),
) {}

/** A city with that id exists already. */
export class AlreadyExists extends Schema.TaggedError<AlreadyExists>()(
  "AlreadyExists",
  { message: Schema.String },
  HttpApiSchema.annotations({ status: 409 }),
) {}

/** The database cannot answer now; the same request may succeed later. */
export class Unavailable extends Schema.TaggedError<Unavailable>()(
  "Unavailable",
  { message: Schema.String },
  HttpApiSchema.annotations({ status: 503 }),
) {}
