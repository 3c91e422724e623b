export declare const load: (specifier: string) => Promise<unknown>
export declare const fileUrl: (path: string) => string
