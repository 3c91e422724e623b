/** The layout of the memory that loop and worker share: indexes of 32-bit words, then the payload. */
export const asked = 0
/** On a cache line of its own: both sides write all the time. */
export const answered = 32
export const size = 64
export const headBytes = 384
export const payloadBytes = 1 << 20
