/**
 * A document without a browser, by linkedom. Its own declarations contradict those of the DOM, so they are kept out by a
 * specifier that the compiler does not follow.
 */
const specifier: string = "linkedom"

const linkedom: { parseHTML(html: string): { readonly document: Document } } = await import(specifier)

export const parseDocument = (html: string): Document => linkedom.parseHTML(html).document
