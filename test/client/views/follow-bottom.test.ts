// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createFollowBottom } from '../../../src/client/views/thread/follow-bottom.ts'

let resized: (() => void)[] = []
class Observer {
  constructor(callback: () => void) {
    resized.push(callback)
  }
  observe() { /* the test says when */ }
  unobserve() { /* as above */ }
  disconnect() {
    resized = []
  }
}

/** A scroller of 100 px over content of any height; scrolling is clamped and counted as a browser does. */
function page(height: number) {
  const scroller = document.createElement('div')
  const content = document.createElement('div')
  scroller.append(content)
  document.body.append(scroller)
  let top = 0
  let full = height
  let writes = 0
  const clamp = (value: number) => Math.max(0, Math.min(value, full - 100))
  Object.defineProperties(scroller, {
    clientHeight: { get: () => 100 },
    clientWidth: { get: () => 300 },
    scrollHeight: { get: () => Math.max(full, 100) },
    scrollTop: {
      get: () => top,
      set: (value: number) => {
        writes++
        top = clamp(value)
      },
    },
  })
  const states: { following: boolean; newBelow: boolean }[] = []
  const nearTop = vi.fn(() => false)
  const follow = createFollowBottom(scroller, content, { changed: (state) => states.push(state), nearTop })
  return {
    scroller, content, follow, states, nearTop,
    top: () => top,
    writes: () => writes,
    grow(by: number) {
      full += by
      for (const callback of resized) callback()
    },
    /** The reader moves the page. */
    scroll(by: number) {
      top = clamp(top + by)
      scroller.dispatchEvent(new Event('scroll'))
    },
    wheel: (deltaY: number) => scroller.dispatchEvent(new WheelEvent('wheel', { deltaY })),
    key: (key: string) => scroller.dispatchEvent(new KeyboardEvent('keydown', { key })),
  }
}

beforeEach(() => vi.stubGlobal('ResizeObserver', Observer))
afterEach(() => {
  vi.unstubAllGlobals()
  resized = []
  document.body.replaceChildren()
})

describe('following the end', () => {
  test('keeps the end in view with one write per frame', () => {
    const { grow, top, writes, follow } = page(500)
    follow.resume()
    const before = writes()
    grow(40)
    grow(40)
    expect(top()).toBe(480)
    expect(writes() - before).toBe(2)
  })

  test('one upward wheel releases, however fast text comes, and growth never resumes', () => {
    const { grow, wheel, top, states, follow } = page(500)
    follow.resume()
    grow(20)
    wheel(-1)
    for (let i = 0; i < 50; i++) grow(30)
    expect(top()).toBe(420)
    expect(states.at(-1)).toEqual({ following: false, newBelow: true })
  })

  test.each(['ArrowUp', 'PageUp', 'Home'])('the key %s releases', (name) => {
    const { key, grow, top, follow } = page(500)
    follow.resume()
    key(name)
    grow(100)
    expect(top()).toBe(400)
  })

  test('dragging the scrollbar up releases', () => {
    const { scroll, grow, top, follow } = page(500)
    follow.resume()
    scroll(-50)
    grow(100)
    expect(top()).toBe(350)
  })

  test('content that shrinks is not the reader going up', () => {
    const { grow, scroll, top, follow } = page(500)
    follow.resume()
    grow(-100)
    scroll(0)
    grow(50)
    expect(top()).toBe(350)
  })

  test('resumes where the reader comes back to the end, and by the pill', () => {
    const { scroll, grow, top, wheel, states, follow } = page(500)
    follow.resume()
    wheel(-1)
    scroll(-100)
    scroll(100)
    expect(states.at(-1)).toEqual({ following: true, newBelow: false })
    wheel(-1)
    grow(300)
    follow.resume()
    expect(top()).toBe(700)
  })

  test('on the way down but not yet there it does not resume', () => {
    const { scroll, grow, wheel, top, follow } = page(900)
    follow.resume()
    wheel(-1)
    scroll(-400)
    scroll(200)
    grow(100)
    expect(top()).toBe(600)
  })

  test('nothing is written under a finger', () => {
    const { scroller, grow, writes, follow } = page(500)
    follow.resume()
    const before = writes()
    scroller.dispatchEvent(Object.assign(new Event('touchstart'), { touches: [] }))
    grow(100)
    expect(writes()).toBe(before)
    scroller.dispatchEvent(new Event('touchend'))
    expect(writes()).toBe(before + 1)
  })

  test('a page that does not scroll is not released by a wheel', () => {
    const { wheel, states } = page(80)
    wheel(-5)
    expect(states).toEqual([])
  })

  test('a block that was opened by hand stays under the pointer', () => {
    const { content, grow, top, states, follow } = page(500)
    follow.resume()
    const button = document.createElement('button')
    button.setAttribute('aria-expanded', 'false')
    content.append(button)
    button.click()
    grow(200)
    expect(top()).toBe(400)
    expect(states.at(-1)?.following).toBe(false)
  })

  test('asks for older messages near the top, not while following', () => {
    const { scroll, wheel, nearTop, follow } = page(5000)
    follow.resume()
    wheel(-1)
    scroll(-4700)
    expect(nearTop).toHaveBeenCalled()
  })

  test('a question that is kept at the top stays there while its answer grows, until the reader goes to the end', () => {
    const { content, scroll, grow, wheel, top, states, follow } = page(500)
    const question = document.createElement('article')
    question.dataset['message'] = 'q'
    question.getBoundingClientRect = () => ({ top: 400 - top() }) as DOMRect
    content.append(question)
    follow.park('q', 0)
    expect(top()).toBe(400)
    grow(0)
    scroll(0)
    grow(300)
    expect(top()).toBe(400)
    expect(states.at(-1), 'there is something to jump to').toEqual({ following: false, newBelow: true })
    wheel(1)
    scroll(300)
    grow(50)
    expect(top()).toBe(750)
    expect(states.at(-1)).toEqual({ following: true, newBelow: false })
  })

  test('listens to nothing after it is destroyed', () => {
    const { follow, grow, top } = page(500)
    follow.resume()
    follow.destroy()
    grow(100)
    expect(top()).toBe(400)
  })
})
