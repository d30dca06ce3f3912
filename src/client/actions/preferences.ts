/** Preferences are kept in this browser for all its tabs. `public/before-paint.js` reads the same key and shows on the page what must be there before its first paint. */
import * as v from 'valibot'
import { defaultPreferences } from '../store/preferences.ts'
import type { Language, Preferences } from '../store/preferences.ts'

export const PREFERENCES_KEY = 'holdfast:preferences'
const languages = ['en', 'ar'] as const

/** Clean at the edge: a value that is not known (an older or newer page wrote it) is the default. */
const preferencesSchema = v.object({
  theme: v.fallback(v.picklist(['light', 'dark', 'system']), defaultPreferences.theme),
  textSize: v.fallback(v.picklist(['small', 'normal', 'large', 'largest']), defaultPreferences.textSize),
  language: v.fallback(v.picklist([...languages, 'system']), defaultPreferences.language),
  sendKey: v.fallback(v.picklist(['enter', 'mod-enter']), defaultPreferences.sendKey),
  reading: v.fallback(v.picklist(['follow', 'question']), defaultPreferences.reading),
  notifications: v.fallback(v.boolean(), defaultPreferences.notifications),
  wrapCode: v.fallback(v.boolean(), defaultPreferences.wrapCode),
})

/** `kept` is what storage holds under PREFERENCES_KEY. Rubbish is as good as nothing. */
export function parsePreferences(kept: string | null, onTrouble: (error: unknown) => void): Preferences {
  try {
    const value: unknown = JSON.parse(kept ?? '{}')
    return v.parse(preferencesSchema, value !== null && typeof value === 'object' ? value : {})
  } catch (error) {
    onTrouble(error)
    return defaultPreferences
  }
}

/** Storage that is blocked costs the memory of it, not the preference. */
export function readPreferences(storage: () => Storage, onTrouble: (error: unknown) => void): Preferences {
  try {
    return parsePreferences(storage().getItem(PREFERENCES_KEY), onTrouble)
  } catch (error) {
    onTrouble(error)
    return defaultPreferences
  }
}

export function writePreferences(storage: () => Storage, preferences: Preferences, onTrouble: (error: unknown) => void): void {
  try {
    storage().setItem(PREFERENCES_KEY, JSON.stringify(preferences))
  } catch (error) {
    onTrouble(error)
  }
}

/** Theme, text size and wrapping are attributes of the page; the style sheets do the rest. */
export function showPreferences(page: Document, { theme, textSize, wrapCode }: Preferences): void {
  page.documentElement.dataset['theme'] = theme
  page.documentElement.dataset['textSize'] = textSize
  page.documentElement.toggleAttribute('data-wrap-code', wrapCode)
  // The browser's own bars follow a chosen theme too.
  for (const meta of page.querySelectorAll<HTMLMetaElement>('meta[data-scheme]')) {
    const scheme = meta.dataset['scheme']
    meta.media = theme === 'system' ? `(prefers-color-scheme: ${scheme})` : scheme === theme ? 'all' : 'not all'
  }
}

/** The language to speak: the chosen one, else the first of the device's that there are texts in, else English. */
export function languageOf({ language }: Preferences, ofDevice: readonly string[]): Language {
  if (language !== 'system') return language
  const known = ofDevice.map((tag) => tag.split('-')[0]).map((tag) => languages.find((one) => one === tag))
  return known.find((one) => one !== undefined) ?? 'en'
}
