import { parseSync, Visitor } from "oxc-parser"

/** The end of an error message, as the source has it. */
export interface MessageEnd {
  readonly line: number
  /** The text at its end, from the last inserted value on. */
  readonly end: string
}

interface Node {
  readonly type: string
  readonly start: number
}

type Literal = Node & { readonly value: unknown }
type Template = Node & {
  readonly quasis: ReadonlyArray<{ readonly value: { readonly cooked: string } }>
  readonly expressions: ReadonlyArray<Node>
}
type Conditional = Node & { readonly consequent: Node; readonly alternate: Node }
type Binary = Node & { readonly left: Node; readonly right: Node }
type Parenthesized = Node & { readonly expression: Node }
type Named = Node & { readonly name?: string; readonly property?: { readonly name?: string } }
type Properties = Node & {
  readonly properties: ReadonlyArray<{ readonly key?: { readonly name?: string }; readonly value?: Node }>
}

/** The texts in which an expression can end; none where that is only known when the program runs. */
const endsOf = (node: Node | undefined): ReadonlyArray<string> => {
  switch (node?.type) {
    case "Literal": {
      const { value } = node as Literal
      return typeof value === "string" ? [value] : []
    }
    case "TemplateLiteral": {
      const { quasis, expressions } = node as Template
      const last = quasis.at(-1)?.value.cooked ?? ""
      return last === "" ? endsOf(expressions.at(-1)) : [last]
    }
    case "ConditionalExpression":
      return [...endsOf((node as Conditional).consequent), ...endsOf((node as Conditional).alternate)]
    case "LogicalExpression":
      return [...endsOf((node as Binary).left), ...endsOf((node as Binary).right)]
    case "BinaryExpression":
      return endsOf((node as Binary).right)
    case "ParenthesizedExpression":
      return endsOf((node as Parenthesized).expression)
    default:
      return []
  }
}

const messageOf = (argument: Node | undefined): Node | undefined =>
  argument?.type === "ObjectExpression"
    ? (argument as Properties).properties.find(({ key }) => key?.name === "message")?.value
    : argument

/** The last characters of the messages of errors that a source makes, wherever its text alone tells. */
export const messageEnds = (path: string, text: string): ReadonlyArray<MessageEnd> => {
  const { program, errors } = parseSync(path, text)
  const [error] = errors
  if (error !== undefined) throw new Error(`${path}: ${error.message}`)
  const found: Array<MessageEnd> = []
  new Visitor({
    NewExpression: ({ callee, arguments: [argument], start }) => {
      const { name, property } = callee as Named
      if (!/(Error|Found|Problem|Exception)$/.test(property?.name ?? name ?? "")) return
      const line = text.slice(0, start).split("\n").length
      for (const end of endsOf(messageOf(argument as Node | undefined))) found.push({ line, end })
    },
  }).visit(program)
  return found
}
