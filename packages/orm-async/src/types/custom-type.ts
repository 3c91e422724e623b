/**
 * A type of your own: how it is stored.
 *
 * `encode` and `decode` never see NULL. What they throw becomes a `StatementError` that names the column.
 *
 * @see SQLAlchemy `sqlalchemy.types.TypeDecorator`
 */
export interface CustomTypeDefinition<A> {
  /** The column's type in DDL, for each dialect by its name; `default` serves those not listed. */
  readonly sqlType: Readonly<Record<string, string>>
  /** Makes a value that the driver can bind: a string, number, bigint, boolean or `Uint8Array`. */
  readonly encode: (value: A) => unknown
  /** Makes the value again of what the driver gives. */
  readonly decode: (stored: unknown) => A
}
