/** What a value consists of, each part with how to name it after the value's own name. */

/** Stands for a part that throws when it is read: an accessor's value, or all that a proxy would have told. */
export class Unreadable {
  /** What it is, for a program to read. */
  readonly kind: string
  readonly thrown: unknown

  constructor(kind: string, thrown: unknown) {
    this.kind = kind
    this.thrown = thrown
  }
}

/** Nesting beyond this is followed no further: V8 overflows its stack long before, and a getter may give new objects for ever. */
export const ENDLESS = 25_000

/** How an object is called that says nothing about itself. */
export const unreadableObject = "object that cannot be read"

/** The entries that a map has, whatever it says of itself, or `undefined` for what is none. */
export const entriesOf = (value: object): ReadonlyArray<[unknown, unknown]> | undefined => {
  try {
    return [...Map.prototype.entries.call(value)]
  } catch {
    return undefined
  }
}

/** The items that a set has, whatever it says of itself, or `undefined` for what is none. */
export const itemsOf = (value: object): ReadonlyArray<unknown> | undefined => {
  try {
    return [...Set.prototype.values.call(value)]
  } catch {
    return undefined
  }
}

/** Bun clones each place of an array, and not only those with an item. */
const VAST = "Bun" in globalThis ? 100_000_000 : Number.POSITIVE_INFINITY

/** Whether an array has holes, and so many places that the engine must not be asked to clone it. */
export const isVast = (array: ReadonlyArray<unknown>): boolean =>
  array.length > VAST && Object.keys(array).length < array.length

/** The places that an array has, in order. Of one with holes only those are looked at: it may be billions long. */
export function* placesOf(array: ReadonlyArray<unknown>): Generator<number> {
  for (let index = 0; index < array.length; index++) {
    if (index in array) {
      yield index
      continue
    }
    for (const key of Object.keys(array)) {
      const place = Number(key) >>> 0
      if (place > index && String(place) === key) yield place
    }
    return
  }
}

/** Calls a function with each item of an array, and its place. Holes are left out. */
export const eachItem = (array: ReadonlyArray<unknown>, visit: (item: unknown, index: number) => void): void => {
  for (let index = 0; index < array.length; index++) {
    const item = array[index]
    if (item === undefined && !(index in array)) {
      for (const place of placesOf(array)) if (place > index) visit(array[place], place)
      return
    }
    visit(item, index)
  }
}

/** The cause that an error has as a property of its own. */
export const causeOf = (error: Error): unknown => Object.getOwnPropertyDescriptor(error, "cause")?.value

/** Goes through the parts of a value. Never throws: what throws when it is looked at is `Unreadable`. */
export function* parts(value: object): Generator<[label: string, part: unknown]> {
  try {
    if (Array.isArray(value)) {
      for (const index of placesOf(value)) yield [`[${index}]`, read(value, index)]
    } else if (value instanceof Error) {
      // Of an error nothing else of its own crosses.
      yield [".cause", causeOf(value)]
    } else if (value instanceof Map) {
      let index = 0
      for (const [key, item] of entriesOf(value) ?? []) {
        yield [`.keys[${index}]`, key]
        yield [typeof key === "string" ? `.get(${JSON.stringify(key)})` : `.values[${index}]`, item]
        index++
      }
    } else if (value instanceof Set) {
      let index = 0
      for (const item of itemsOf(value) ?? []) yield [`.values[${index++}]`, item]
    } else if (!ArrayBuffer.isView(value)) {
      for (const key of Object.keys(value)) {
        yield [/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`, read(value, key)]
      }
    }
  } catch (thrown) {
    yield ["", new Unreadable(unreadableObject, thrown)]
  }
}

const read = (value: object, key: string | number): unknown => {
  try {
    return (value as Record<string | number, unknown>)[key]
  } catch (thrown) {
    return new Unreadable("property that cannot be read", thrown)
  }
}
