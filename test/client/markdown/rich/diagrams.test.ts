// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from 'vitest'
import { createDiagrams, diagramHeight } from '../../../../src/client/markdown/rich/diagram/diagrams.ts'
import { DiagramProblem } from '../../../../src/client/markdown/rich/diagram/frame-link.ts'
import type { DrawOrder } from '../../../../src/client/markdown/rich/diagram/frame-link.ts'

afterEach(() => document.body.replaceChildren())

function scene(draw: (order: DrawOrder) => Promise<{ svg: string; width: number; height: number }>) {
  const orders: DrawOrder[] = []
  let dark = false
  let changed = () => {}
  const diagrams = createDiagrams({
    drawing: { draw: (order) => { orders.push(order); return draw(order) } },
    theme: { now: () => ({ name: dark ? 'dark' : 'light', dark, theme: {}, font: 'sans-serif' }), onChange: (callback) => { changed = callback } },
    words: () => ({ diagram: (kind) => `Diagram (${kind})`, showSource: 'Show source', showDiagram: 'Show diagram', larger: 'Larger', smaller: 'Smaller', diagramFailed: (reason, said) => `${reason}: ${said}` }),
  })
  const fence = (source: string) => {
    const figure = document.createElement('figure')
    const caption = document.createElement('figcaption')
    const copy = document.createElement('button')
    copy.setAttribute('data-act', 'copy-code')
    copy.textContent = 'Copy'
    caption.append(copy)
    const pre = document.createElement('pre')
    pre.textContent = source
    figure.append(caption, pre)
    document.body.append(figure)
    diagrams.closed(figure, source)
    return figure
  }
  return { orders, fence, darken: () => { dark = true; changed() } }
}

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'

test('a diagram has its height before its picture, and its text stays its source', async () => {
  const { fence } = scene(() => Promise.resolve({ svg, width: 9, height: 9 }))
  const source = '%% a comment\nsequenceDiagram\n  A->>B: hello'
  const figure = fence(source)
  const text = figure.textContent
  expect([figure.style.getPropertyValue('--diagram-height'), figure.getAttribute('data-diagram')]).toEqual([`${diagramHeight(source)}px`, 'waiting'])
  await vi.waitFor(() => expect(figure.querySelector('img')?.src).toMatch(/^blob:/))
  expect(figure.querySelector('img')?.alt).toBe('Diagram (sequenceDiagram)')
  expect(figure.textContent).toBe(text)
  expect([...figure.querySelectorAll('button')].map((button) => button.getAttribute('aria-label') ?? button.textContent)).toEqual(['Larger', 'Show source', 'Copy'])
})

test('a theme that changes draws anew what is shown, and the same diagram is drawn once per theme', async () => {
  const { orders, fence, darken } = scene(() => Promise.resolve({ svg, width: 9, height: 9 }))
  const one = fence('graph TD\nA-->B')
  await vi.waitFor(() => expect(one.querySelector('img')).not.toBeNull())
  const same = fence('graph TD\nA-->B')
  await vi.waitFor(() => expect(same.querySelector('img')).not.toBeNull())
  for (const figure of [one, same]) figure.querySelector('img')?.dispatchEvent(new Event('load'))
  darken()
  await vi.waitFor(() => expect(orders.map(({ dark }) => dark)).toContain(true))
  expect(orders.filter(({ dark }) => !dark).length).toBe(1)
})

test('a diagram with a mistake shows its source and the first line of what is wrong; one that cannot be drawn says why', async () => {
  const { fence } = scene(({ source }) => Promise.reject(source === 'graph TD\nA--' ? new DiagramProblem('mistake', 'Parse error on line 2:\nmore') : new DiagramProblem('too-slow')))
  const [wrong, slow] = [fence('graph TD\nA--'), fence('graph TD\nA-->B')]
  await vi.waitFor(() => expect(slow.getAttribute('data-diagram')).toBe('failed'))
  expect([wrong, slow].map((figure) => [figure.getAttribute('data-diagram'), figure.getAttribute('data-diagram-problem'), figure.querySelector('img')])).toEqual([
    ['failed', 'mistake: Parse error on line 2:', null], ['failed', 'too-slow: too-slow', null],
  ])
})

test('the height grows with the source, between a strip and half a screen', () => {
  const heights = [1, 5, 9, 100].map((lines) => diagramHeight('a\n\n'.repeat(lines)))
  expect(heights).toEqual([...heights].sort((a, b) => a - b))
  expect([heights[0], heights.at(-1)]).toEqual([160, 440])
})
