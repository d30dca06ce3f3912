/** How a tool's name, input and state are put into words. Pure. */
import type { MessageStatus, ToolPart } from '../../../shared/protocol.ts'

export type ToolStatus = 'preparing' | 'running' | 'waiting' | 'done' | 'failed' | 'stopped' | 'unknown' | 'denied'

/** Where a call is. `open`: its run still goes on. `message`: what became of the message that it is in. */
export function toolStatus(part: ToolPart, open: boolean, message: MessageStatus): ToolStatus {
  if (part.state !== 'open' && part.state !== 'stopped') return part.state
  if (!open) return message === 'cancelled' || !mayHaveRun(part) ? 'stopped' : 'unknown'
  if (part.approval?.state === 'pending') return 'waiting'
  return part.output === '' && parse(part.input) === undefined ? 'preparing' : 'running'
}

/** Called in full, and by nobody's leave or with it. Its result is missing, its effect may not be. */
function mayHaveRun({ input, approval }: ToolPart): boolean {
  return parse(input) !== undefined && (approval === undefined || approval.state === 'answered')
}

/** `read_file` and `readFile` as `Read file`. */
export function toolTitle(name: string): string {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/[_\-.]+/g, ' ').trim()
  return words === '' ? name : words.charAt(0).toUpperCase() + words.slice(1)
}

/** The fields that say most about a call, best first. */
const telling = ['query', 'expression', 'command', 'path', 'file', 'url', 'text', 'question', 'prompt', 'code', 'name', 'title']
const LONGEST_SUMMARY = 160

/** Longer JSON is no longer taken apart: laying it out would hold up the page, and nobody reads it whole. */
const LONGEST_PARSED = 200_000
/** Enough of a long input for one line. */
const SUMMED_UP = 4_000

/** One line about the input, also while only half of it is there. */
export function summary(input: string): string {
  const value = input.length > LONGEST_PARSED ? undefined : parse(input)
  return clip(value === undefined ? halfTyped(input.slice(0, SUMMED_UP)) : oneLine(value))
}

/** JSON made readable; any other text as it is, and any that is too long. */
export function readable(source: string): string {
  const value = source.length > LONGEST_PARSED ? undefined : parse(source)
  return value !== null && typeof value === 'object' ? JSON.stringify(value, null, 2) : source
}

function oneLine(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'object') return String(value)
  if (Array.isArray(value)) return value.map(oneLine).join(', ')
  const entries = Object.entries(value).filter(([, each]) => each !== null && each !== '')
  const best = telling.map((name) => entries.find(([key]) => key === name)).find((entry) => entry !== undefined) ?? entries[0]
  return best === undefined ? '' : typeof best[1] === 'object' ? JSON.stringify(best[1]) : String(best[1])
}

/** `{"query": "tides in` → `tides in`. */
function halfTyped(input: string): string {
  return input.replace(/^\s*[{[]\s*("[^"]*"?\s*:?\s*)?"?/, '').replaceAll(/\\n/g, ' ').replaceAll(/\\"/g, '"').replace(/["}\]\s]+$/, '')
}

function clip(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > LONGEST_SUMMARY ? `${line.slice(0, LONGEST_SUMMARY)}…` : line
}

/** Undefined: it is no JSON, or half of it is still to come. Asked with every token, so what cannot be whole is not parsed. */
function parse(source: string): unknown {
  const trimmed = source.trim()
  if (trimmed === '' || (/^[{[]/.test(trimmed) && !/^[}\]]$/.test(trimmed.at(-1) ?? ''))) return undefined
  try {
    return JSON.parse(source) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return undefined // half of it is still to come, or it is plain text
    throw error
  }
}
