// @vitest-environment happy-dom
import { describe, expect, test } from 'vitest'
import { lazyRich } from '../../../../src/client/markdown/rich/lazy.ts'
import { createMathsDrawer } from '../../../../src/client/markdown/rich/maths.ts'
import type { Rich } from '../../../../src/client/markdown/rich.ts'
import type { Katex } from '../../../../src/client/markdown/rich/katex.ts'

function formula(source: string): HTMLElement {
  const host = document.createElement('span')
  host.textContent = source
  document.body.append(host)
  return host
}

function drawer(load: () => Promise<Katex>) {
  const frames: (() => void)[] = []
  const logged: string[] = []
  let now = 0
  const maths = createMathsDrawer({ load, words: () => ({ copyMaths: 'Copy formula' }), now: () => now, nextFrame: (run) => frames.push(run), log: (message) => logged.push(message) })
  return { maths, logged, frames, pass: (ms: number) => { now += ms }, frame: () => frames.shift()?.() }
}

describe('formulas', () => {
  test('load KaTeX with the first, once; what it does not understand stays as it was written, and says why', async () => {
    let loads = 0
    const { maths, frame } = drawer(() => {
      loads++
      return Promise.resolve({ draw: (host, source) => { if (source === '\\frac') throw new Error('Unexpected end'); host.attachShadow({ mode: 'open' }) } })
    })
    const [good, bad] = [formula('x^2'), formula('\\frac')]
    expect(loads).toBe(0)
    maths.draw(good, 'x^2', false)
    maths.draw(bad, '\\frac', true)
    await Promise.resolve()
    await Promise.resolve()
    // The page is laid out anew with KaTeX's fonts in this one.
    frame()
    expect([loads, good.hasAttribute('data-drawn'), bad.hasAttribute('data-failed')]).toEqual([1, false, false])
    frame()
    expect([loads, good.hasAttribute('data-drawn'), bad.hasAttribute('data-failed'), bad.title]).toEqual([1, true, true, 'Unexpected end'])
    const later = formula('y')
    maths.draw(later, 'y', false)
    frame()
    expect([loads, later.hasAttribute('data-drawn')]).toEqual([1, true])
    expect([good.textContent, bad.textContent]).toEqual(['x^2', '\\frac'])
  })

  test('take no more of a frame than their share', async () => {
    const { maths, frame, pass } = drawer(() => Promise.resolve({ draw: () => pass(4) }))
    const hosts = ['a', 'b', 'c', 'd'].map(formula)
    for (const host of hosts) maths.draw(host, host.textContent, false)
    await Promise.resolve()
    await Promise.resolve()
    frame()
    frame()
    const drawn = () => hosts.filter((host) => host.hasAttribute('data-drawn')).length
    expect(drawn()).toBe(2)
    frame()
    expect(drawn()).toBe(4)
  })

  test('stay as they are written when KaTeX cannot be loaded; the next formula tries again', async () => {
    let tries = 0
    const { maths, logged } = drawer(() => {
      tries++
      return Promise.reject(new Error('offline'))
    })
    const host = formula('x')
    maths.draw(host, 'x', false)
    await Promise.resolve()
    await Promise.resolve()
    expect([host.textContent, host.attributes.length, logged.length]).toEqual(['x', 0, 1])
    maths.draw(host, 'x', false)
    expect(tries).toBe(2)
  })
})

describe('what is loaded when it is first needed', () => {
  function scene(load: (calls: string[]) => Promise<Rich>) {
    const seen = new Map<Element, () => void>()
    const idle: (() => void)[] = []
    const calls: string[] = []
    let loads = 0
    const rich = lazyRich({
      load: () => { loads++; return load(calls) },
      sight: { watch: (element, callback) => seen.set(element, callback) },
      whenIdle: (run) => idle.push(run),
      onFailure: () => calls.push('failed'),
    })
    const maths = (source: string) => {
      const host = formula(source)
      rich.maths(host, source, false)
      return host
    }
    return { rich, calls, maths, loads: () => loads, see: (element: Element) => seen.get(element)?.(), rest: () => idle.shift()?.() }
  }
  const recorder = (calls: string[]): Promise<Rich> => Promise.resolve({
    chunk: (_chunk, _code, language) => calls.push(language), closed: (_figure, language) => calls.push(`closed ${language}`), maths: (_host, source) => calls.push(source),
  })

  test('waits for something near the screen, then for the page to rest, and gets what came near meanwhile, in its order', async () => {
    const { rich, calls, maths, loads, see, rest } = scene(recorder)
    const [near, far, later] = [maths('near'), maths('far'), maths('later')]
    const figure = document.createElement('figure')
    rich.closed(figure, 'ts', '')
    rest()
    expect(loads()).toBe(0)
    see(near)
    see(figure)
    expect(loads()).toBe(0)
    rest()
    await Promise.resolve()
    expect([loads(), ...calls]).toEqual([1, 'near', 'closed ts'])
    see(later)
    expect([loads(), ...calls]).toEqual([1, 'near', 'closed ts', 'later'])
    expect(far.isConnected).toBe(true)
  })

  test('is tried again with the next block when it could not be loaded', async () => {
    const { calls, maths, loads, see, rest } = scene(() => Promise.reject(new Error('offline')))
    for (const host of [maths('x'), maths('y')]) {
      see(host)
      rest()
      await Promise.resolve()
      await Promise.resolve()
    }
    expect([loads(), ...calls]).toEqual([2, 'failed', 'failed'])
  })
})
