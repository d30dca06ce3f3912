/** KaTeX, its style and its fonts: a chunk of its own, loaded with the first formula. */
import katex from 'katex'
import katexStyle from 'katex/dist/katex.min.css?inline'
import formulaStyle from './formula.css?inline'

export interface Katex {
  /** Puts the formula into a shadow root of `host`. Throws, and leaves `host` alone, if KaTeX does not understand it. */
  draw(host: HTMLElement, source: string, display: boolean, copyLabel: string): void
}

/** What KaTeX makes before it makes nodes. */
interface Virtual {
  toNode(): Node
  readonly children?: readonly Virtual[]
  readonly attributes?: Record<string, string>
}

export function createKatex(): Katex {
  const [sheet, own] = [new CSSStyleSheet(), new CSSStyleSheet()]
  sheet.replaceSync(katexStyle)
  own.replaceSync(formulaStyle)
  // Browsers take fonts from sheets of the document only, not from those of a shadow root.
  document.adoptedStyleSheets.push(sheet)
  return {
    draw(host, source, display, copyLabel) {
      const { __renderToDomTree: build } = katex as unknown as { __renderToDomTree(source: string, options: katex.KatexOptions): Virtual }
      const tree = build(source, {
        displayMode: display, throwOnError: true, output: 'htmlAndMathml',
        // No links, pictures, classes, ids or styles of the answer's choosing; nothing larger than a page, no macro that unfolds without end.
        trust: false, strict: 'ignore', maxSize: 20, maxExpand: 500, errorColor: 'currentColor', macros: {},
      })
      styleByObject(tree)
      const formula = document.createElement('span')
      formula.className = display ? 'display' : 'inline'
      formula.append(tree.toNode())
      const root = host.attachShadow({ mode: 'open' })
      root.adoptedStyleSheets = [sheet, own]
      root.append(formula)
      if (display) root.append(copyButton(copyLabel))
    },
  }
}

/** A few of KaTeX's nodes bear a style attribute, which the page's policy refuses as a string; the same through `style` is allowed. */
function styleByObject(node: Virtual): void {
  const style = node.attributes?.['style']
  if (node.attributes !== undefined && style !== undefined) {
    delete node.attributes['style']
    const make = node.toNode.bind(node)
    node.toNode = () => {
      const made = make()
      if (made instanceof Element) (made as HTMLElement).style.cssText = style
      return made
    }
  }
  for (const child of node.children ?? []) styleByObject(child)
}

/** It has no text of its own, and `controls.ts` hears the press. */
function copyButton(label: string): HTMLButtonElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.setAttribute('data-act', 'copy-maths')
  button.setAttribute('aria-label', label)
  button.title = label
  return button
}
