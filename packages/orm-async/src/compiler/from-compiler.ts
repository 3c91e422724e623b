import { ArgumentError, InvalidRequestError } from "../errors/usage-errors.ts"
import type { AnyColumn } from "../expression/column.ts"
import type { FromClause } from "../expression/from-clause.ts"
import type { ExpressionNode } from "../expression/node.ts"
import { and, eq } from "../expression/operators.ts"
import { type AnyTable, type ForeignKey, Table } from "../schema/table.ts"
import { Alias } from "../statement/alias.ts"
import type { Join, SelectState } from "../statement/select.ts"
import { Cte, Subquery } from "../statement/subquery.ts"
import { qualifier, writeExpression } from "./expression-compiler.ts"
import type { Scope } from "./scope.ts"
import type { StatementWriter } from "./statement-writer.ts"

/** A source of FROM and what is joined to it. */
interface Group {
  readonly root: FromClause
  readonly members: Set<FromClause>
  readonly joins: Array<{ readonly target: FromClause; readonly on: ExpressionNode; readonly outer: boolean }>
}

const addAll = (to: Set<FromClause>, sources: ReadonlyArray<FromClause>): void => {
  for (const source of sources) to.add(source)
}

/**
 * The sources of a SELECT: those that `from` names, those of the selected columns and those of the conditions; without
 * those that a join adds, and without those of the queries around it, to which its columns then refer. A query of one
 * source keeps it.
 *
 * @see SQLAlchemy "Scalar and Correlated Subqueries"
 */
const sourcesOfSelect = (state: SelectState, enclosing: ReadonlyArray<FromClause>): ReadonlyArray<FromClause> => {
  const sources = new Set<FromClause>(state.from)
  for (const item of state.selection.items) addAll(sources, item.kind === "source" ? [item.from] : item.node.sources)
  for (const condition of state.where) addAll(sources, condition.sources)
  for (const join of state.joins) sources.delete(join.target)
  const all = [...sources]
  if (all.length === 1) return all
  const own = all.filter((source) => state.from.includes(source) || !enclosing.includes(source))
  if (own.length === 0 && all.length > 0) {
    throw new InvalidRequestError({
      message: `A subquery has no tables of its own: ${all.map((source) => source.name).join(", ")} belong to the query around it. Name its own tables with from(), or use alias() to draw from a table twice`,
    })
  }
  return own
}

const baseTable = (from: FromClause): AnyTable | undefined => {
  if (from instanceof Table) return from
  return from instanceof Alias ? from.of : undefined
}

const columnIn = (from: FromClause, column: AnyColumn): AnyColumn =>
  (from.c as Readonly<Record<string, AnyColumn>>)[column.key]!

interface Link {
  readonly from: FromClause
  readonly to: FromClause
  readonly key: ForeignKey
}

const linksBetween = (left: FromClause, right: FromClause): ReadonlyArray<Link> => {
  const [leftTable, rightTable] = [baseTable(left), baseTable(right)]
  if (leftTable === undefined || rightTable === undefined) return []
  const links: Array<Link> = []
  for (const key of leftTable.foreignKeys) if (key.target === rightTable) links.push({ from: left, to: right, key })
  if (leftTable !== rightTable || left !== right) {
    for (const key of rightTable.foreignKeys) if (key.target === leftTable) links.push({ from: right, to: left, key })
  }
  return links
}

/** The condition of a join by the only foreign key between the target and the sources that are there. */
const conditionByForeignKey = (sources: ReadonlyArray<FromClause>, target: FromClause): ExpressionNode => {
  const links = sources.flatMap((source) => linksBetween(source, target))
  const names = sources.map((source) => source.name).join(", ")
  const [link, ...others] = links
  if (link === undefined) {
    throw new ArgumentError({
      message: `No foreign key links ${target.name} with ${names}. Give join() its condition: join(${target.name}, eq(…, …))`,
    })
  }
  if (others.length > 0) {
    throw new ArgumentError({
      message: `${links.length} foreign keys link ${target.name} with ${names} (${links.map(({ key }) => key.name).join(", ")}). Give join() its condition`,
    })
  }
  const { key, from, to } = link
  return and(...key.columns.map((column, i) => eq(columnIn(from, column), columnIn(to, key.targets[i]!)))).node
}

const groupOf = (groups: ReadonlyArray<Group>, source: FromClause): Group | undefined =>
  groups.find((group) => group.members.has(source))

/** Adds a join to the source that its condition refers to. */
const addJoin = (groups: Array<Group>, join: Join): void => {
  const on =
    join.on ??
    conditionByForeignKey(
      groups.flatMap((group) => [...group.members]),
      join.target,
    )
  const touched = [
    ...new Set(on.sources.map((source) => groupOf(groups, source)).filter((group) => group !== undefined)),
  ]
  const group = touched[0] ?? groups[0]
  if (group === undefined) {
    throw new InvalidRequestError({
      message: `There is nothing to join ${join.target.name} to. Name the first table with from()`,
    })
  }
  for (const other of touched.slice(1)) {
    group.joins.push({ target: other.root, on: alwaysTrue, outer: false }, ...other.joins)
    for (const member of other.members) group.members.add(member)
    groups.splice(groups.indexOf(other), 1)
  }
  group.joins.push({ target: join.target, on, outer: join.outer })
  group.members.add(join.target)
}

const alwaysTrue = and().node

/** Writes a source as FROM and JOIN have it. */
export const writeSource = (
  writer: StatementWriter,
  source: FromClause,
  enclosing: ReadonlyArray<FromClause>,
): void => {
  const name = writer.dialect.quoteIdentifier(source.name)
  if (source instanceof Alias) {
    writer.write(`${qualifier(writer, source.of)} AS ${name}`)
  } else if (source instanceof Subquery) {
    writer.write("(")
    writer.query(source.query, enclosing)
    writer.write(`) AS ${name}`)
  } else {
    if (source instanceof Cte) writer.needCte(source)
    writer.write(qualifier(writer, source))
  }
}

/** Every source of a SELECT, joined ones too. */
export const allSources = (state: SelectState, enclosing: ReadonlyArray<FromClause>): ReadonlyArray<FromClause> => [
  ...sourcesOfSelect(state, enclosing),
  ...state.joins.map((join) => join.target),
]

/** Writes ` FROM …` with joins. Subqueries among the sources see `enclosing`, conditions of joins see `scope`. */
export const writeFrom = (
  writer: StatementWriter,
  state: SelectState,
  enclosing: ReadonlyArray<FromClause>,
  scope: Scope,
): void => {
  const groups = sourcesOfSelect(state, enclosing).map((root): Group => ({ root, members: new Set([root]), joins: [] }))
  for (const join of state.joins) addJoin(groups, join)
  groups.forEach((group, i) => {
    writer.write(i === 0 ? " FROM " : ", ")
    writeSource(writer, group.root, enclosing)
    for (const { target, on, outer } of group.joins) {
      writer.write(outer ? " LEFT JOIN " : " JOIN ")
      writeSource(writer, target, enclosing)
      writer.write(" ON ")
      writeExpression(writer, on, scope)
    }
  })
}
