/** How a tool's name, input and state are put into words. Pure. */
import type { ToolPart } from '../../../shared/protocol.ts'

export type ToolStatus = 'preparing' | 'running' | 'waiting' | 'done' | 'failed' | 'stopped' | 'denied'

/** Where a call is. `open`: its run still goes on. */
export function toolStatus(part: ToolPart, open: boolean): ToolStatus {
  if (part.state !== 'open') return part.state
  if (!open) return 'stopped'
  if (part.approval?.state === 'pending') return 'waiting'
  return part.output === '' && parse(part.input) === undefined ? 'preparing' : 'running'
}

/** `read_file` and `readFile` as `Read file`. */
export function toolTitle(name: string): string {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/[_\-.]+/g, ' ').trim()
  return words === '' ? name : words.charAt(0).toUpperCase() + words.slice(1)
}

/** The fields that say most about a call, best first. */
const telling = ['query', 'expression', 'command', 'path', 'file', 'url', 'text', 'question', 'prompt', 'code', 'name', 'title']
const LONGEST_SUMMARY = 160

/** One line about the input, also while only half of it is there. */
export function summary(input: string): string {
  const value = parse(input)
  return clip(value === undefined ? halfTyped(input) : oneLine(value))
}

/** JSON made readable; any other text as it is. */
export function readable(source: string): string {
  const value = parse(source)
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

function parse(source: string): unknown {
  if (source.trim() === '') return undefined
  try {
    return JSON.parse(source) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return undefined // half of it is still to come, or it is plain text
    throw error
  }
}
