import { hasHidden, pieces } from '../hidden.ts'

/** Wraps the hidden characters of an element that is finished. Its text stays what it is. */
export function showHidden(element: HTMLElement): void {
  if (!hasHidden(element.textContent)) return
  const { ownerDocument } = element
  const walker = ownerDocument.createTreeWalker(element, 4 /* NodeFilter.SHOW_TEXT */)
  const texts: Text[] = []
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) if (node.parentElement?.hasAttribute('data-hidden') !== true) texts.push(node as Text)
  for (const text of texts) {
    const parts = pieces(text.data)
    if (parts.every(({ name }) => name === null)) continue
    text.replaceWith(...parts.map((part) => {
      if (part.name === null) return part.text
      const mark = ownerDocument.createElement('span')
      mark.setAttribute('data-hidden', part.name)
      mark.textContent = part.text
      return mark
    }))
  }
}
