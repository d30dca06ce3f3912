import { afterEach, describe, expect, test } from 'vitest'
import { partsText } from '../../../src/client/views/parts-text.ts'
import { characters, duration, moment, speak, text, ticking } from '../../../src/client/views/text.ts'
import { settingsText } from '../../../src/client/views/settings/words.ts'
import { plainEnglish } from '../../../src/client/views/text/formats.ts'

describe('durations', () => {
  test.each([[40, '0.1 s'], [420, '0.4 s'], [1499, '1 s'], [12_000, '12 s'], [59_600, '1 min'], [200_000, '3 min 20 s'], [3_900_000, '1 h 5 min']])('%d ms is %s', (ms, words) => {
    expect(duration(ms)).toBe(words)
  })
  test('tick in whole seconds', () => {
    expect(ticking(900)).toBe('0 s')
    expect(ticking(1999)).toBe('1 s')
  })
  test('thinking tells its time', () => expect(text.thinking.done(12_000)).toBe('Thought for 12 s'))
})

test('sizes are short', () => {
  expect(characters(820)).toBe('820 characters')
  expect(characters(12_400)).toBe('12.4K characters')
})

test('whole numbers and their plurals are what Intl makes of them, without asking it', () => {
  const rules = new Intl.PluralRules('en')
  const numbers = new Intl.NumberFormat('en')
  for (const value of [0, 1, 2, 11, 21, 101, 999, 1000, 12_345, 999_999, 1_000_000, 1_234_567_890, -1, -1234]) {
    expect(plainEnglish.integer(value)).toBe(numbers.format(value))
    expect(plainEnglish.plural(value)).toBe(rules.select(value))
  }
  expect(text.format.number(12.5)).toBe('12.5')
})

test('an instant of today is its time, an older one has its day', () => {
  const now = new Date(2026, 10, 20, 15, 0).getTime()
  expect(moment(new Date(2026, 10, 20, 9, 5).getTime(), now)).toBe('09:05')
  expect(moment(new Date(2026, 9, 2, 9, 5).getTime(), now)).toBe('Oct 2, 09:05')
})

test('an answered approval says what, who and when', () => {
  expect(partsText().approval.decided('approve', 'user', '12:20')).toBe('Approved by you, 12:20')
  expect(partsText().approval.decided('always', 'Ada', '12:20')).toBe('“Always”, chosen by Ada, 12:20')
  expect(partsText().approval.decided('constructor', 'Ada', '12:20')).toBe('“Constructor”, chosen by Ada, 12:20')
  expect(partsText().approval.option('constructor')).toBe('Constructor')
})

test('what an answer took is told in words that need no key', () => {
  expect(text.usage.brief('7 s', 470, undefined)).toBe('7 s · 470 tokens')
  expect(text.usage.brief('7 s', 1, 0.0123)).toBe('7 s · 1 token · $0.0123')
  expect(text.usage.brief('0 s', undefined, undefined)).toBe('0 s')
  expect(text.usage.detail(4120, 96, 2, 'north-large')).toBe('4,120 tokens read · 96 thinking tokens · 2 tool calls · north-large')
  expect(text.usage.detail(undefined, 0, 0, null)).toBe('')
})

test('a demo is called one once', () => {
  expect(text.agent.saysDemo('Demo')).toBe(true)
  expect(text.agent.saysDemo('Democracy adviser')).toBe(false)
})

describe('in Arabic', () => {
  afterEach(() => speak('en'))

  test('the same calls read the other catalogue, with its plurals and its months', async () => {
    await speak('ar')
    expect(text.composer.send).toBe('إرسال')
    expect([1, 2, 3, 11, 100].map((count) => text.usage.brief('', count, undefined))).toEqual(['رمز واحد', 'رمزان', '3 رموز', '11 رمزًا', '100 رمز'])
    expect(text.chats.month(new Date(2026, 10, 20).getTime())).toBe(new Intl.DateTimeFormat('ar', { month: 'long', year: 'numeric' }).format(new Date(2026, 10, 20)))
    expect(duration(200_000)).toBe('3 د 20 ث')
    await speak('en')
    expect(text.composer.send).toBe('Send')
  })

  test('no text is the English one, names aside', async () => {
    const english = leaves({ ...text, inSettings: settingsText() })
    await speak('ar')
    expect(settingsText()).toBe(text.inSettings)
    const same = leaves(text).flatMap(([path, words]) => (words !== '' && english.some(([at, said]) => at === path && said === words) ? [path] : []))
    expect(same.filter((path) => !/^name$|demoVariables|says$|inSettings\.language\.names|Example$|Masked$|keyboard\.enter$/.test(path))).toEqual([])
  })
})

function leaves(value: unknown, path = ''): (readonly [string, string])[] {
  if (typeof value === 'string') return [[path, value]]
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, each]) => leaves(each, path === '' ? key : `${path}.${key}`))
}
