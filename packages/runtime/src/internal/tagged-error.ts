/** The class of errors with a tag: the fields of `Args` become properties; `message` and `cause` are those of every Error. */
export type TaggedErrorClass<Tag extends string> = new <Args extends object = NoFields>(
  ...args: keyof Args extends never ? [] : [{ readonly [K in keyof Args as K extends "_tag" ? never : K]: Args[K] }]
) => Error & { readonly _tag: Tag } & Readonly<Args>

type NoFields = Readonly<Record<never, unknown>>

/**
 * Makes a base class for typed errors. Instances are plain `Error`s with a `_tag`, so that Effect programs fail with
 * them and catch them by `Effect.catchTag`, and Promise programs need not load Effect for them. Does no I/O.
 *
 * ```ts
 * import { TaggedError } from "@offloop/runtime/callback"
 *
 * class NoSuchCityError extends TaggedError("NoSuchCityError")<{ readonly message: string; readonly city: string }> {}
 * const error = new NoSuchCityError({ message: "No city is called Atlantis", city: "Atlantis" })
 * ```
 *
 * @param tag the error's `_tag` and `name`
 * @see Effect's `Data.TaggedError`, without the part that can be yielded
 */
export const TaggedError = <Tag extends string>(tag: Tag): TaggedErrorClass<Tag> => {
  class Base extends Error {
    readonly _tag = tag
    constructor(args: { readonly message?: string; readonly cause?: unknown } | undefined) {
      super(args?.message, args?.cause === undefined ? undefined : { cause: args.cause })
      if (args !== undefined) Object.assign(this, args)
    }
    /** The fields, with the message. */
    toJSON(): unknown {
      return { ...this, message: this.message }
    }
  }
  Object.defineProperty(Base.prototype, "name", { value: tag, writable: true, configurable: true })
  return Base as unknown as TaggedErrorClass<Tag>
}
