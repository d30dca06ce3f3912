import { expect, test } from 'vitest'
import { languageOf, parsePreferences, PREFERENCES_KEY, readPreferences, writePreferences } from '../../../src/client/actions/preferences.ts'
import { defaultPreferences } from '../../../src/client/store/preferences.ts'

function storageOf(kept: Map<string, string>): () => Storage {
  return () => ({ getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) }) as unknown as Storage
}
const fail = (error: unknown) => { throw error }

test('what was written is read again', () => {
  const kept = new Map<string, string>()
  const preferred = { ...defaultPreferences, theme: 'dark', sendKey: 'mod-enter', language: 'ar', notifications: true } as const
  writePreferences(storageOf(kept), preferred, fail)
  expect([...kept.keys()]).toEqual([PREFERENCES_KEY])
  expect(readPreferences(storageOf(kept), fail)).toEqual(preferred)
})

test('the first visit has the defaults, and an unknown value costs only itself', () => {
  expect(parsePreferences(null, fail)).toEqual(defaultPreferences)
  expect(parsePreferences('null', fail)).toEqual(defaultPreferences)
  expect(parsePreferences('{"theme":"sepia","sendKey":"mod-enter","new":1}', fail)).toEqual({ ...defaultPreferences, sendKey: 'mod-enter' })
})

test('rubbish and blocked storage are told of and give the defaults', () => {
  const troubles: unknown[] = []
  expect(parsePreferences('{', (error) => troubles.push(error))).toEqual(defaultPreferences)
  const blocked = () => { throw new Error('blocked') }
  expect(readPreferences(blocked, (error) => troubles.push(error))).toEqual(defaultPreferences)
  writePreferences(blocked, defaultPreferences, (error) => troubles.push(error))
  expect(troubles).toHaveLength(3)
})

test('the language is the chosen one, else the first of the device that is known, else English', () => {
  expect(languageOf({ ...defaultPreferences, language: 'ar' }, ['en-GB'])).toBe('ar')
  expect(languageOf(defaultPreferences, ['fr-FR', 'ar-EG', 'en'])).toBe('ar')
  expect(languageOf(defaultPreferences, ['fr'])).toBe('en')
})
