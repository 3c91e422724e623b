/** What to send in the place of an object of the runtime that cannot cross. */

const replacements: Readonly<Record<string, string>> = {
  URL: "its href, and make a URL of it in the task",
  URLSearchParams: "its text, String(params)",
  Headers: "its entries, [...headers]",
  Request: "its url, method, [...headers] and the bytes of its body, await request.arrayBuffer()",
  Response: "its status, [...headers] and the bytes of its body, await response.arrayBuffer()",
  FormData: "its entries, [...form]",
  File: "its name and its bytes, await file.bytes()",
  Blob: "its bytes, await blob.bytes()",
  DOMException: "its name and message",
  CryptoKey: 'its bytes, await crypto.subtle.exportKey("raw", key)',
  AbortSignal: "nothing: a task of OffLoop.run has a signal of its own, currentSignal()",
  AbortController: "nothing: a task of OffLoop.run has a signal of its own, currentSignal()",
  "WebAssembly.Module": "the bytes that it was compiled from, and compile them in the task",
  "WebAssembly.Memory": "a copy of its bytes, memory.buffer.slice()",
}

/** What to send instead of an object of a kind, or `undefined` where nothing is known of it. */
export const insteadOf = (kind: string): string | undefined =>
  replacements[kind] ?? (kind.startsWith("WebAssembly.") ? "plain data that it can be made of in the task" : undefined)
