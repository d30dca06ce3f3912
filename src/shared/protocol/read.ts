/** Reading what was received: JSON, then a schema, with the cause in the error. */
import * as v from 'valibot'

/** What was received does not follow the contract. The message names the field. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

/** Checks a value against a schema. Throws ProtocolError naming the field and the cause. */
export function read<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const checked = v.safeParse(schema, value)
  if (!checked.success) throw new ProtocolError(explain(checked.issues))
  return checked.output
}

/**
 * JSON.parse that answers with a ProtocolError. A `__proto__` key becomes an own property, which the schemas
 * do not copy, so it stays inert.
 */
export function parseJson(data: string): unknown {
  try {
    return JSON.parse(data) as unknown
  } catch (error) {
    throw new ProtocolError(`not JSON: ${(error as Error).message}`, { cause: error })
  }
}

/** The first three issues of a failed check, each with its field. */
export function explain(issues: readonly v.BaseIssue<unknown>[]): string {
  return issues.slice(0, 3).map((issue) => {
    const path = v.getDotPath(issue)
    return path === null ? issue.message : `${path}: ${issue.message}`
  }).join('; ')
}
