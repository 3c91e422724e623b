/** What a value consists of, each part with how to name it after the value's own name. */

export function* parts(value: object): Generator<[label: string, part: unknown]> {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) yield [`[${index}]`, value[index]]
  } else if (value instanceof Map) {
    let index = 0
    for (const [key, item] of value) {
      yield [`.keys[${index}]`, key]
      yield [typeof key === "string" ? `.get(${JSON.stringify(key)})` : `.values[${index}]`, item]
      index++
    }
  } else if (value instanceof Set) {
    let index = 0
    for (const item of value) yield [`.values[${index++}]`, item]
  } else if (!ArrayBuffer.isView(value)) {
    for (const key of Object.keys(value)) {
      let part: unknown
      try {
        part = (value as Record<string, unknown>)[key]
      } catch {
        continue
      }
      yield [/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`, part]
    }
  }
}
