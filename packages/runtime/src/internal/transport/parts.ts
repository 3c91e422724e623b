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

/** How an object is called that says nothing about itself. */
export const unreadableObject = "object that cannot be read"

/** Goes through the parts of a value. Never throws: what throws when it is looked at is `Unreadable`. */
export function* parts(value: object): Generator<[label: string, part: unknown]> {
  try {
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index++) yield [`[${index}]`, read(value, index)]
    } else if (value instanceof Map) {
      let index = 0
      for (const [key, item] of Map.prototype.entries.call(value)) {
        yield [`.keys[${index}]`, key]
        yield [typeof key === "string" ? `.get(${JSON.stringify(key)})` : `.values[${index}]`, item]
        index++
      }
    } else if (value instanceof Set) {
      let index = 0
      for (const item of Set.prototype.values.call(value)) yield [`.values[${index++}]`, item]
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
