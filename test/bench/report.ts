/** Numbers to rows, rows to the table. */
import { grid } from './grid.ts'

export interface Row {
  readonly what: string
  readonly value: string
  /** Left out: measured for its own sake. */
  readonly bar?: string
  readonly met?: boolean
  /** What a known in-memory server of this kind takes on such a machine. */
  readonly known?: string
}

/** The value that this share of the sorted `values` does not exceed; NaN for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** `p50 / p99` of microseconds, as ms. */
export function spread(us: readonly number[]): string {
  return `${ms(percentile(us, 0.5))} / ${ms(percentile(us, 0.99))} ms`
}

export function ms(us: number): string {
  const value = us / 1000
  return value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0)
}

/** A row whose number has to stay under a bar. */
export function under(what: string, value: number, bar: number, unit: string, known?: string): Row {
  const shown = value < 10 ? value.toFixed(2) : value.toFixed(value < 100 ? 1 : 0)
  return { what, value: `${shown} ${unit}`, bar: `< ${bar} ${unit}`, met: value < bar, ...(known === undefined ? {} : { known }) }
}

export function table(rows: readonly Row[]): string {
  return grid([['', 'here', 'bar', '', 'known server'], ...rows.map((row) => [row.what, row.value, row.bar ?? '', row.met === undefined ? '' : row.met ? 'met' : 'MISSED', row.known ?? ''])])
}
