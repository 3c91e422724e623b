/** Which call the code of this worker runs for. Written for every call, so it is a field and nothing more. */
export const running = {
  /** The call's number, or 0 where no call is known. */
  call: 0,
}
