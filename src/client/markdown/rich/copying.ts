/**
 * Copying what a person selected: formulas as they were written, though what stands in the page is drawn; lists without a blank line for each item, for an item's
 * text is a paragraph; and as HTML without what only draws it, such as the parts of long lists.
 */
export function copyAsWritten(document: Document): void {
  document.addEventListener('copy', (event) => {
    const selection = document.getSelection()
    const within = event.composedPath()[0]
    const inFormula = within instanceof Node && within.getRootNode() instanceof ShadowRoot ? (within.getRootNode() as ShadowRoot).host : null
    if (inFormula?.hasAttribute('data-maths') === true) take(event, formulaSource(inFormula))
    else if (selection !== null && selection.rangeCount > 0) {
      const fragment = selection.getRangeAt(0).cloneContents()
      if (fragment.querySelector('[data-maths], li > p') !== null) take(event, plainText(fragment), htmlOf(fragment))
    }
  })
}

function take(event: ClipboardEvent, text: string, html?: string): void {
  event.clipboardData?.setData('text/plain', text)
  if (html !== undefined) event.clipboardData?.setData('text/html', html)
  event.preventDefault()
}

function formulaSource(host: Element): string {
  const display = host.getAttribute('data-maths') === 'display'
  return display ? `$$\n${host.textContent}\n$$` : `$${host.textContent}$`
}

const paragraphs = new Set(['P', 'H1', 'H2', 'H3', 'H4', 'H5', 'H6', 'PRE', 'BLOCKQUOTE', 'UL', 'OL', 'TABLE', 'FIGURE', 'DIV', 'ARTICLE'])
const lines = new Set(['TR', 'BR', 'FIGCAPTION'])

const isBlock = (node: Node): boolean => node instanceof Element && paragraphs.has(node.tagName)

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
  // An item's first text stands in a paragraph whether or not a blank line is around it; what is loose says so.
  if (element.tagName === 'LI') {
    const loose = element.parentElement?.hasAttribute('data-loose') === true
    const inside = [...node.childNodes].map((kid) => (loose ? textOf(kid) : textOf(kid).replace(/^\n+|\n+$/g, '') + (isBlock(kid) ? '\n' : ''))).join('')
    return loose ? `${inside}\n` : `${inside.replace(/\n+$/, '')}\n`
  }
  const inside = [...node.childNodes].map(textOf).join(element.tagName === 'TR' ? '\t' : '')
  // A part of a long list is nothing by itself.
  if (paragraphs.has(element.tagName) && !element.hasAttribute('data-part')) return `\n\n${inside}\n\n`
  return lines.has(element.tagName) ? `${inside}\n` : inside
}

const drawnOnly = ':has(> [data-book]), [data-book], [data-page], [data-part], [data-piece], [data-chunk], [data-chunk] span, figure[data-code], div[data-table], [data-hidden]'
const kept = new Set(['href', 'start', 'value', 'colspan', 'rowspan', 'dir'])

/** The same as HTML, for where it is pasted with its looks: elements that say something, and none of what draws them here. Takes the fragment apart. */
export function htmlOf(fragment: DocumentFragment): string {
  for (const formula of fragment.querySelectorAll('[data-maths]')) formula.replaceWith(formulaSource(formula))
  for (const control of fragment.querySelectorAll('button, figcaption')) control.remove()
  for (const drawn of fragment.querySelectorAll(drawnOnly)) drawn.replaceWith(...drawn.childNodes)
  const out = fragment.ownerDocument.createElement('div')
  out.append(fragment)
  for (const element of out.querySelectorAll('*')) for (const name of element.getAttributeNames()) if (!kept.has(name)) element.removeAttribute(name)
  // As XML, since nothing here reads or writes HTML strings as such; of HTML's own elements both say the same.
  return new XMLSerializer().serializeToString(out).replaceAll(/^<div[^>]*>|<\/div>$/g, '')
}
