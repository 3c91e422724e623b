/** How many items are made ahead where nothing else is said. */
const DEFAULT = 1024

/** Throws where a program asks for something that makes no sense. */
export const checkBufferSize = (bufferSize: number = DEFAULT): number => {
  if (Number.isInteger(bufferSize) && bufferSize >= 1) return bufferSize
  throw new RangeError(`bufferSize is an integer of 1 or more, not ${String(bufferSize)}`)
}
