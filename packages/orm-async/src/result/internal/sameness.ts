const identities = new WeakMap<object, number>()
let lastIdentity = 0

const identityOf = (value: object): number => {
  let identity = identities.get(value)
  if (identity === undefined) {
    identity = ++lastIdentity
    identities.set(value, identity)
  }
  return identity
}

const objectText = (value: object): string => {
  if (value instanceof Date) return `date:${value.getTime()}`
  if (value instanceof Uint8Array) return `bytes:${value.join(",")}`
  if (Array.isArray(value)) return `[${value.map(samenessText).join(",")}]`
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return `object:${identityOf(value)}`
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([name, field]) => `${JSON.stringify(name)}:${samenessText(field)}`).join(",")}}`
}

/**
 * Text that two values share exactly when they count as the same: bytes, dates, arrays and plain objects by what they
 * hold, instances of other classes by identity, everything else by type and value.
 */
export const samenessText = (value: unknown): string => {
  if (typeof value === "string") return JSON.stringify(value)
  if (typeof value === "object" && value !== null) return objectText(value)
  if (typeof value === "function") return `object:${identityOf(value)}`
  return `${typeof value}:${String(value)}`
}
