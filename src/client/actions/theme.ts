/** Where the theme is kept. `public/theme.js` reads the same key and puts it on the page before its first paint. */
import type { State } from '../store/state.ts'

const KEY = 'holdfast:theme'

/** What `theme.js` found. */
export function readTheme(): State['theme'] {
  const theme = document.documentElement.dataset['theme']
  return theme === 'light' || theme === 'dark' ? theme : 'system'
}

/** Storage that is blocked costs the memory of it, not the theme. */
export function writeTheme(theme: State['theme'], onTrouble: (error: unknown) => void): void {
  document.documentElement.dataset['theme'] = theme
  // The browser's own bars follow a chosen theme too.
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[data-scheme]')) {
    const scheme = meta.dataset['scheme']
    meta.media = theme === 'system' ? `(prefers-color-scheme: ${scheme})` : scheme === theme ? 'all' : 'not all'
  }
  try {
    window.localStorage.setItem(KEY, theme)
  } catch (error) {
    onTrouble(error)
  }
}
