import { describe, expect, it } from 'vitest'
import { commands } from '../../../src/client/views/commands/commands.ts'
import { find, rank } from '../../../src/client/views/commands/find.ts'
import { caps, isPlain, matches } from '../../../src/client/views/commands/keys.ts'
import type { Pressed } from '../../../src/client/views/commands/keys.ts'
import { partsText } from '../../../src/client/views/parts-text.ts'
import { titles } from '../../../src/client/views/commands/titles.ts'
import { text } from '../../../src/client/views/text.ts'

const press = (key: string, more: Partial<Pressed> = {}): Pressed => ({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more })

describe('keys', () => {
  it('takes Cmd on Apple’s machines and Ctrl elsewhere, and never the other', () => {
    expect(matches('mod+k', press('k', { ctrlKey: true }), false)).toBe(true)
    expect(matches('mod+k', press('k', { metaKey: true }), true)).toBe(true)
    expect(matches('mod+k', press('k', { metaKey: true }), false)).toBe(false)
    expect(matches('mod+k', press('k', { ctrlKey: true, metaKey: true }), false)).toBe(false)
    expect(matches('mod+k', press('k'), false)).toBe(false)
  })
  it('asks for Shift exactly, but takes a sign however it is typed', () => {
    expect(matches('mod+shift+o', press('O', { ctrlKey: true, shiftKey: true }), false)).toBe(true)
    expect(matches('mod+b', press('B', { ctrlKey: true, shiftKey: true }), false)).toBe(false)
    expect(matches('?', press('?', { shiftKey: true }), false)).toBe(true)
    expect(matches('?', press('?'), false)).toBe(true)
    expect(matches('?', press('?', { ctrlKey: true }), false)).toBe(false)
  })
  it('shows what is printed on the keys', () => {
    expect(caps('mod+shift+o', true)).toEqual(['⌘', '⇧', 'O'])
    expect(caps('alt+arrowup', false)).toEqual(['Alt', '↑'])
  })
})

describe('the table of commands', () => {
  it('gives no two commands the same keys or id, and each a name', () => {
    const keys = commands.flatMap((one) => one.keys ?? [])
    expect(new Set(keys).size).toBe(keys.length)
    expect(new Set(commands.map((one) => one.id)).size).toBe(commands.length)
    for (const one of commands) expect(titles[one.id](text, partsText())).not.toBe('')
  })
  it('knows which keys are letters to whoever writes', () => {
    expect(commands.filter((one) => one.run !== null && one.keys !== undefined && isPlain(one.keys)).map((one) => one.keys)).toEqual(['?', '/'])
  })
})

describe('finding', () => {
  it('wants every word, in any order, and any writing of it', () => {
    expect(rank('plan WEEK', 'My week, a plan')).not.toBeNull()
    expect(rank('plan month', 'My week, a plan')).toBeNull()
    expect(rank('', 'Anything')).toBe(0)
    expect(rank('(a', 'f(a) is [it]')).not.toBeNull()
  })
  it('puts beginnings before insides, and keeps the order of equals', () => {
    const titles = ['Unplanned', 'A plan', 'Plan', 'Another plan']
    expect(find('plan', titles, (one) => one, 9)).toEqual(['Plan', 'A plan', 'Another plan', 'Unplanned'])
    expect(find('plan', titles, (one) => one, 2)).toEqual(['Plan', 'A plan'])
  })
})
