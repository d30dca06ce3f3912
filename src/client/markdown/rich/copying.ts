/** Copying what a person selected: formulas as they were written, though what stands in the page is drawn. */
export function copyAsWritten(document: Document): void {
  document.addEventListener('copy', (event) => {
    const selection = document.getSelection()
    const within = event.composedPath()[0]
    const inFormula = within instanceof Node && within.getRootNode() instanceof ShadowRoot ? (within.getRootNode() as ShadowRoot).host : null
    if (inFormula?.hasAttribute('data-maths') === true) take(event, formulaSource(inFormula))
    else if (selection !== null && selection.rangeCount > 0) {
      const fragment = selection.getRangeAt(0).cloneContents()
      if (fragment.querySelector('[data-maths]') !== null) take(event, plainText(fragment))
    }
  })
}

function take(event: ClipboardEvent, text: string): void {
  event.clipboardData?.setData('text/plain', text)
  event.preventDefault()
}

function formulaSource(host: Element): string {
  const display = host.getAttribute('data-maths') === 'display'
  return display ? `$$\n${host.textContent}\n$$` : `$${host.textContent}$`
}

const paragraphs = new Set(['P', 'H1', 'H2', 'H3', 'H4', 'H5', 'H6', 'PRE', 'BLOCKQUOTE', 'UL', 'OL', 'TABLE', 'FIGURE', 'DIV', 'ARTICLE'])
const lines = new Set(['LI', 'TR', 'BR', 'FIGCAPTION'])

/** The text of a selection with its formulas as they were written, one empty line between blocks. */
export function plainText(node: Node): string {
  return textOf(node).replaceAll(/\n{3,}/g, '\n\n').trim()
}

function textOf(node: Node): string {
  if (node.nodeType === 3 /* Node.TEXT_NODE */) return node.nodeValue ?? ''
  if (node.nodeType !== 1 && node.nodeType !== 11) return ''
  const element = node as Element
  if (node.nodeType === 1) {
    if (element.tagName === 'BUTTON') return ''
    if (element.hasAttribute('data-maths')) return element.getAttribute('data-maths') === 'display' ? `\n\n${formulaSource(element)}\n\n` : formulaSource(element)
  }
  const inside = [...node.childNodes].map(textOf).join('')
  if (paragraphs.has(element.tagName)) return `\n\n${inside}\n\n`
  if (lines.has(element.tagName)) return `${inside}\n`
  return element.tagName === 'TD' || element.tagName === 'TH' ? `${inside}\t` : inside
}
