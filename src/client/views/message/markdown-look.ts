/** How rendered markdown looks, by what it styles. Later ones win. */
import blocks from './markdown.module.css'
import code from './markdown-code.module.css'
import rich from './markdown-rich.module.css'
import table from './markdown-table.module.css'

export const markdownLook = [blocks, code, rich, table].map((styles) => styles['markdown']).join(' ')
