const backslash = "\\"

/** Bytes as PostgreSQL reads them: `\xdeadbeef`. */
export const formatBytes = (bytes: Uint8Array): string =>
  `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`

/** The older form, for a server whose `bytea_output` is `escape`: text with `\\` and octal `\377`. */
const parseEscaped = (text: string): Uint8Array => {
  const bytes: Array<number> = []
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== backslash) bytes.push(text.charCodeAt(at))
    else if (text[at + 1] === backslash) bytes.push(text.charCodeAt(++at))
    else {
      bytes.push(Number.parseInt(text.slice(at + 1, at + 4), 8))
      at += 3
    }
  }
  return Uint8Array.from(bytes)
}

/** A `bytea` in either of its forms. */
export const parseBytes = (text: string): Uint8Array => {
  if (!text.startsWith("\\x")) return parseEscaped(text)
  const buffer = Buffer.from(text.slice(2), "hex")
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}
