/**
 * The only file that touches the DOM. Appends what became final and brings the open end in line, changing only what differs: a text
 * that grew is appended to, so selections stay. Writes, and never asks for layout.
 */
import { add, isLive } from './live.ts'
import type { ElementShape, Live, Shape } from './live.ts'
import type { Rich } from './rich.ts'

/** Behind what is final in an element: its last final node, and how much of it, where that is a text. */
interface Mark {
  after: ChildNode | null
  offset: number
}

/** Where a growing element was drawn, and how far. */
interface Drawn {
  readonly el: Element
  readonly mark: Mark
  attributes: Readonly<Record<string, string>>
}

export interface Nodes {
  /** Brings what is in `el` in line with `root`; its attributes are its owner's. */
  draw(el: Element, root: Live): void
  /** Draws a final element anew, in place. */
  complete(shape: ElementShape | Live): void
}

const nothing: ReadonlySet<Element> = new Set()

export function createNodes(document: Document, rich: Rich | undefined): Nodes {
  const drawn = new WeakMap<Live, Drawn>()
  const elements = new WeakMap<ElementShape, Element>()

  function draw(el: Element, live: Live): void {
    let state = drawn.get(live)
    if (state?.el !== el || live.restarted === true) {
      state = { el, mark: { after: null, offset: 0 }, attributes: state?.attributes ?? {} }
      drawn.set(live, state)
      live.restarted = false
    }
    const { mark } = state
    const { settled, open } = live
    live.settled = []
    const owned = open.some(isLive) ? new Set(open.flatMap((shape) => (isLive(shape) ? (drawn.get(shape)?.el ?? []) : []))) : nothing
    for (const shape of joined(settled)) finish(place(el, mark, shape, owned), shape, live)
    const cursor = { ...mark }
    for (const shape of open) place(el, cursor, shape, owned)
    trim(el, cursor)
  }

  /** Puts a shape behind the mark, using the node that is there if it serves, and moves the mark behind it. `owned` are not to be given to others. */
  function place(el: Element, mark: Mark, shape: Shape, owned: ReadonlySet<Element>): ChildNode | null {
    if (typeof shape === 'string') return shape === '' ? null : placeText(el, mark, shape)
    endText(mark)
    const there = mark.after === null ? el.firstChild : mark.after.nextSibling
    const seated = seat(el, there, shape, owned)
    const node = seated ?? document.createElement(shape.tag)
    // What grows is filled where it stands, for who enriches it looks around; what is whole before it is put there, so that the page hears of it once.
    if (seated === null && isLive(shape)) put(el, there, node, owned)
    mark.after = node
    mark.offset = 0
    if (isLive(shape)) {
      const before = drawn.get(shape)
      if (before?.el !== node) setAttributes(node, shape.attributes)
      else if (before.attributes !== shape.attributes) changeAttributes(node, before.attributes, shape.attributes)
      draw(node, shape)
      const state = drawn.get(shape)
      if (state !== undefined) state.attributes = shape.attributes
    } else {
      setAttributes(node, shape.attributes)
      drawKids(node, shape.kids)
      if (shape.run !== undefined) elements.set(shape, node)
      if (seated === null) put(el, there, node, owned)
    }
    return node
  }

  /** The element there is for a shape at the place of `there`, if there is one. */
  function seat(el: Element, there: ChildNode | null, shape: ElementShape | Live, owned: ReadonlySet<Element>): Element | null {
    const held = isLive(shape) ? drawn.get(shape)?.el : undefined
    if (held?.parentNode === el) {
      // What stands in front of it is there no more.
      for (let stale = there; stale !== null && stale !== held;) {
        const next: ChildNode | null = stale.nextSibling
        stale.remove()
        stale = next
      }
      return held
    }
    // A drawn formula cannot take its picture off again.
    return there instanceof Element && !owned.has(there) && there.localName === shape.tag && there.shadowRoot === null ? there : null
  }

  /** At the place of `there`, which serves no more if it is an element that nobody owns. */
  function put(el: Element, there: ChildNode | null, made: Element, owned: ReadonlySet<Element>): void {
    if (there instanceof Element && !owned.has(there)) there.replaceWith(made)
    else el.insertBefore(made, there)
  }

  function drawKids(el: Element, kids: readonly Shape[]): void {
    const mark: Mark = { after: null, offset: 0 }
    for (const kid of kids) place(el, mark, kid, nothing)
    trim(el, mark)
  }

  function placeText(el: Element, mark: Mark, text: string): ChildNode {
    let node = mark.after
    if (!(node instanceof Text)) {
      const there: ChildNode | null = node === null ? el.firstChild : node.nextSibling
      node = there instanceof Text ? there : el.insertBefore(document.createTextNode(''), there)
      mark.after = node
      mark.offset = 0
    }
    const { offset } = mark
    const data = node as Text
    const length = data.length - offset
    mark.offset = offset + text.length
    if (length === 0) data.appendData(text)
    else {
      const there = data.substringData(offset, text.length)
      if (there !== text) {
        let same = 0
        while (same < there.length && there.charCodeAt(same) === text.charCodeAt(same)) same++
        if (same === length) data.appendData(text.slice(same))
        else data.replaceData(offset + same, there.length - same, text.slice(same))
      }
    }
    return data
  }

  /** Ends the text at the mark: what is behind it there is not so any more. */
  function endText(mark: Mark): void {
    if (mark.after instanceof Text && mark.after.length > mark.offset) mark.after.deleteData(mark.offset, mark.after.length - mark.offset)
  }

  function trim(el: Element, mark: Mark): void {
    endText(mark)
    for (let extra = mark.after === null ? el.firstChild : mark.after.nextSibling; extra !== null;) {
      const next = extra.nextSibling
      extra.remove()
      extra = next
    }
  }

  /** Tells who enriches it that a shape is final. What grew has told of its parts already. */
  function finish(node: ChildNode | null, shape: Shape, parent: Live): void {
    if (rich === undefined || !(node instanceof HTMLElement) || typeof shape === 'string') return
    if (parent.tag === 'code') {
      const figure = node.closest<HTMLElement>('figure[data-code]')
      rich.chunk(node, node.parentElement as HTMLElement, figure?.dataset['code'] ?? '')
    } else if (isLive(shape)) {
      if (shape.tag === 'figure') finishCode(node, false)
    } else {
      for (const figure of own(node, 'figure[data-code]')) finishCode(figure, true)
      finishMaths(node)
    }
  }

  function finishMaths(node: HTMLElement): void {
    for (const host of own(node, '[data-maths]')) rich?.maths(host, host.textContent ?? '', host.dataset['maths'] === 'display')
  }

  function finishCode(figure: HTMLElement, chunks: boolean): void {
    const code = figure.querySelector<HTMLElement>('pre > code')
    if (code === null || rich === undefined) return
    const language = figure.dataset['code'] ?? ''
    if (chunks) for (const chunk of code.children) rich.chunk(chunk as HTMLElement, code, language)
    rich.closed(figure, language, code.textContent ?? '')
  }

  return {
    draw,
    complete(shape) {
      const el = isLive(shape) ? drawn.get(shape)?.el : elements.get(shape)
      if (el === undefined) return
      if (isLive(shape)) draw(el, shape)
      else {
        drawKids(el, shape.kids)
        if (el instanceof HTMLElement) finishMaths(el)
      }
    },
  }
}

/** With neighbouring texts in one: to append thousands to a node one by one would copy it as often. */
function joined(shapes: readonly Shape[]): readonly Shape[] {
  if (!shapes.some((shape, index) => typeof shape === 'string' && typeof shapes[index + 1] === 'string')) return shapes
  const out: Shape[] = []
  add(out, ...shapes)
  return out
}

function own(node: HTMLElement, selector: string): HTMLElement[] {
  return [...(node.matches(selector) ? [node] : []), ...node.querySelectorAll<HTMLElement>(selector)]
}

function changeAttributes(el: Element, before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): void {
  for (const name in before) if (!(name in after)) el.removeAttribute(name)
  for (const name in after) if (before[name] !== after[name]) setAttribute(el, name, after[name] ?? '')
}

/** A node that served another shape keeps nothing of it. */
function setAttributes(el: Element, attributes: Readonly<Record<string, string>>): void {
  for (const name of el.getAttributeNames()) if (!(name in attributes)) el.removeAttribute(name)
  for (const name in attributes) {
    const value = attributes[name] ?? ''
    if (el.getAttribute(name) !== value) setAttribute(el, name, value)
  }
}

/** What begins like a custom property is one: a style sheet makes of it what it will. */
function setAttribute(el: Element, name: string, value: string): void {
  if (name.startsWith('--')) (el as HTMLElement).style.setProperty(name, value)
  else el.setAttribute(name, value)
}
