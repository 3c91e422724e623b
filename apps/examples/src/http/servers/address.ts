/** The address on which a server listens. Port 0: any free port. */
export interface Address {
  readonly host: string
  readonly port: number
}
