/** Brings elements in line with their shapes, changing only what differs: a text that grew is appended to, so selections stay. */
import type { ElementShape, Shape } from './shape.ts'

export function create(shape: Shape, document: Document): Node {
  if (typeof shape === 'string') return document.createTextNode(shape)
  const made = document.createElement(shape.tag)
  for (const [name, value] of Object.entries(shape.attributes)) made.setAttribute(name, value)
  for (const kid of shape.kids) made.append(create(kid, document))
  return made
}

/** True if `node` could be brought in line; false if it is of another kind and must be replaced. */
export function sync(node: Node, before: Shape, after: Shape): boolean {
  if (before === after) return true
  if (typeof before === 'string' || typeof after === 'string') {
    return typeof before === 'string' && typeof after === 'string' && syncText(node as Text, before, after)
  }
  if (before.tag !== after.tag) return false
  syncElement(node as Element, before, after)
  return true
}

function syncText(node: Text, before: string, after: string): true {
  if (after === before) return true
  if (after.startsWith(before)) node.appendData(after.slice(before.length))
  else {
    let same = 0
    while (same < before.length && same < after.length && before.charCodeAt(same) === after.charCodeAt(same)) same++
    node.replaceData(same, before.length - same, after.slice(same))
  }
  return true
}

function syncElement(node: Element, before: ElementShape, after: ElementShape): void {
  for (const name of Object.keys(before.attributes)) if (!(name in after.attributes)) node.removeAttribute(name)
  for (const [name, value] of Object.entries(after.attributes)) if (before.attributes[name] !== value) node.setAttribute(name, value)
  const nodes = [...node.childNodes]
  after.kids.forEach((kid, index) => {
    const held = nodes[index]
    const previous = before.kids[index]
    if (held === undefined || previous === undefined) node.append(create(kid, node.ownerDocument))
    else if (!sync(held, previous, kid)) node.replaceChild(create(kid, node.ownerDocument), held)
  })
  for (const extra of nodes.slice(after.kids.length)) extra.remove()
}
