/** The one door to all texts. Views read `text` while they draw; the page draws anew when the language changes. */
import type { Language } from '../store/preferences.ts'
import { en } from './text/en.ts'

export type Text = typeof en

/** The catalogue of the language that is spoken now. */
export let text: Text = en

/** English is here already, and is what is left if another catalogue cannot be loaded. */
const catalogues: Readonly<Record<Language, () => Promise<Text>>> = {
  en: () => Promise.resolve(en),
  ar: async () => (await import('./text/ar.ts')).ar,
}

let wanted: Language = 'en'

/** Loads a language's texts and makes them the ones that are read. Rejects if they cannot be loaded; then nothing has changed. The last call wins. */
export async function speak(language: Language): Promise<void> {
  wanted = language
  const catalogue = await catalogues[language]()
  if (wanted === language) text = catalogue
}

export const duration = (ms: number): string => text.format.duration(ms)
export const ticking = (ms: number): string => text.format.ticking(ms)
export const moment = (at: number, now: number): string => text.format.moment(at, now)
export const characters = (count: number): string => text.characters(count)
