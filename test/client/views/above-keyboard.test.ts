import { expect, test } from 'vitest'
import { stayAboveKeyboard } from '../../../src/client/views/ui/above-keyboard.ts'

function phone() {
  const view = Object.assign(new EventTarget(), { height: 800, scale: 1 })
  const style = new Map<string, string>()
  const seen: string[] = []
  stayAboveKeyboard({
    visualViewport: view as unknown as VisualViewport,
    innerHeight: 800,
    document: { documentElement: { style: { setProperty: (name, value) => void style.set(name, value ?? ''), removeProperty: (name) => String(style.delete(name)) } } },
    scrollTo: (x, y) => void seen.push(`${x},${y}`),
  })
  return {
    seen,
    height: () => style.get('--page-height') ?? null,
    shows(height: number, scale = 1) {
      Object.assign(view, { height, scale })
      view.dispatchEvent(new Event('resize'))
    },
  }
}

test('a keyboard that lies over the page leaves the page the height above it, from its top on, and gives it back', () => {
  const one = phone()
  one.shows(470)
  expect(one.height()).toBe('470px')
  expect(one.seen).toEqual(['0,0'])
  one.shows(800)
  expect(one.height()).toBeNull()
})

test('neither a bar of the browser nor two fingers make the page another', () => {
  const one = phone()
  one.shows(750)
  one.shows(400, 2)
  expect(one.height()).toBeNull()
  expect(one.seen).toEqual([])
})

test('a browser that cannot tell is left alone', () => {
  expect(() => stayAboveKeyboard({ visualViewport: null, innerHeight: 800, document: { documentElement: { style: { setProperty: () => {}, removeProperty: () => '' } } }, scrollTo: () => {} })).not.toThrow()
})
