/**
 * Counts the changes of a database's schema that this thread has heard of. Column names that were read in an earlier epoch
 * are read again.
 */
export interface SchemaEpoch {
  epoch: number
}
