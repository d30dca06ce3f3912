import { describe, expect, test } from 'vitest'
import { sends } from '../../../src/client/views/composer/send-key.ts'
import type { PressedKey } from '../../../src/client/views/composer/send-key.ts'

const enter: PressedKey = { key: 'Enter', shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, isComposing: false, keyCode: 13 }
const never = Number.POSITIVE_INFINITY

describe('the key that sends', () => {
  test('is Enter', () => expect(sends(enter, never, 'enter')).toBe(true))
  test('is Ctrl+Enter or Cmd+Enter where that is preferred, and Enter breaks the line', () => {
    expect(sends(enter, never, 'mod-enter')).toBe(false)
    expect(sends({ ...enter, ctrlKey: true }, never, 'mod-enter')).toBe(true)
    expect(sends({ ...enter, metaKey: true }, never, 'mod-enter')).toBe(true)
    expect(sends({ ...enter, ctrlKey: true, isComposing: true }, never, 'mod-enter')).toBe(false)
  })
  test('is not Shift+Enter, which breaks the line', () => expect(sends({ ...enter, shiftKey: true }, never, 'enter')).toBe(false))
  test('is not another key', () => expect(sends({ ...enter, key: 'a', keyCode: 65 }, never, 'enter')).toBe(false))
  test('is never Enter while an input method composes', () => {
    expect(sends({ ...enter, isComposing: true }, never, 'enter')).toBe(false)
    expect(sends({ ...enter, keyCode: 229 }, never, 'enter')).toBe(false)
  })
  test('is never the Enter that has just ended a composition', () => {
    expect(sends(enter, 0, 'enter')).toBe(false)
    expect(sends(enter, 500, 'enter')).toBe(true)
  })
})
