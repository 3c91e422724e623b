// Unbuilt, the entry is the TypeScript source beside this one; built, it is JavaScript.
const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js"

/** The file that threads start with, unless the program names its own. */
export const threadEntry = new URL(`./thread-entry${extension}`, import.meta.url)
