/** What is behind a public portal. */
import type { Portal } from "../../Portal.ts"
import type { Reception } from "./reception.ts"

const receptions = new WeakMap<Portal, Reception>()

export const setReception = (portal: Portal, reception: Reception): void => {
  receptions.set(portal, reception)
}

export const receptionOf = (portal: Portal): Reception => {
  const reception = receptions.get(portal)
  if (reception === undefined) throw new TypeError("not a Portal: make one with Portal.make")
  return reception
}
