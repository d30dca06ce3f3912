import { textField } from '../tools/tool.ts'
import type { Tool } from '../tools/tool.ts'
import { searchPages } from './pages.ts'

/** Searches the demo's own help pages. Input `{ query }`, output `{ pages: [{ title, text }] }`. */
export const searchHelp: Tool = {
  name: 'search_help',
  description: 'Searches the help pages of this chat.',
  inputSchema: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] },
  run(input) {
    const query = textField(input, 'query')
    if (query === null) throw new Error('"query" is missing')
    return JSON.stringify({ pages: searchPages(query) })
  },
}
