const base64 = (bytes: Uint8Array): string => {
  let text = ""
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

const jsonValue = (value: unknown): unknown => {
  if (typeof value === "bigint") return value.toString()
  return value instanceof Uint8Array ? base64(value) : value
}

/** Makes what `JSON.stringify` writes for an entity: the columns that are known; bigints in decimal and bytes in base64. */
export const jsonOf = (values: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const json: Record<string, unknown> = {}
  for (const key in values) if (values[key] !== undefined) json[key] = jsonValue(values[key])
  return json
}
