/**
 * A password as SCRAM takes it: normalized by SASLprep (RFC 4013), so that what looks alike is alike. One that SASLprep
 * forbids is taken as it is, as PostgreSQL itself does.
 */
export const prepareSaslPassword = async (password: string): Promise<string> => {
  if (isAscii(password)) return password
  // Its tables are only loaded for a password that needs them.
  const { saslprep } = await import("@mongodb-js/saslprep")
  try {
    return saslprep(password)
  } catch {
    return password
  }
}

const isAscii = (text: string): boolean => {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 127) return false
  return true
}
