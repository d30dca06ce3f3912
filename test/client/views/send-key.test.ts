import { describe, expect, test } from 'vitest'
import { sends } from '../../../src/client/views/composer/send-key.ts'
import type { PressedKey } from '../../../src/client/views/composer/send-key.ts'

const enter: PressedKey = { key: 'Enter', shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, isComposing: false, keyCode: 13 }
const never = Number.POSITIVE_INFINITY

describe('the key that sends', () => {
  test('is Enter', () => expect(sends(enter, never)).toBe(true))
  test('is not Shift+Enter, which breaks the line', () => expect(sends({ ...enter, shiftKey: true }, never)).toBe(false))
  test('is not another key', () => expect(sends({ ...enter, key: 'a', keyCode: 65 }, never)).toBe(false))
  test('is never Enter while an input method composes', () => {
    expect(sends({ ...enter, isComposing: true }, never)).toBe(false)
    expect(sends({ ...enter, keyCode: 229 }, never)).toBe(false)
  })
  test('is never the Enter that has just ended a composition', () => {
    expect(sends(enter, 0)).toBe(false)
    expect(sends(enter, 500)).toBe(true)
  })
})
