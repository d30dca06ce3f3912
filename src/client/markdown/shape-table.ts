/** How wide the columns of a long table are: told by its first rows, so that no row behind them moves those above. */
import type { Tokens } from 'marked'

/** Characters of a column: as many as its widest cell, but no fewer and no more; and those that its padding takes. */
const NARROWEST = 6
const WIDEST = 32
const PADDING = 4

/** Custom properties: `--column-1` … in per cent (the style sheet knows twelve; those behind share what is left), and `--narrowest`, the least width of the table. */
export function columnsOf(rows: readonly (readonly Tokens.TableCell[])[]): Record<string, string> {
  const properties: Record<string, string> = {}
  const widths = (rows[0] ?? []).map((_, column) => Math.min(WIDEST, Math.max(NARROWEST, ...rows.map((cells) => cells[column]?.text.length ?? 0))) + PADDING)
  const total = widths.reduce((sum, width) => sum + width, 0)
  for (const [column, width] of widths.entries()) properties[`--column-${column + 1}`] = `${Math.round((width / total) * 100)}%`
  return { ...properties, '--narrowest': `${total}ch` }
}
