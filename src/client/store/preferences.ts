/**
 * What a person prefers. To add one: a field here with its default, its line in `preferencesSchema` (`actions/preferences.ts`), its switch
 * in Settings.
 */

/** A language that there are texts in. */
export type Language = 'en' | 'ar'

/** Kept in this browser, the same in all its tabs. */
export interface Preferences {
  readonly theme: 'light' | 'dark' | 'system'
  readonly textSize: 'small' | 'normal' | 'large' | 'largest'
  /** `system`: what the device speaks, if there are texts in it. */
  readonly language: Language | 'system'
  /** What sends a message: Enter, or Ctrl/Cmd+Enter. */
  readonly sendKey: 'enter' | 'mod-enter'
  /** While an answer grows: the newest text stays in view, or the question stays at the top. */
  readonly reading: 'follow' | 'question'
  /** Whether this browser tells of finished answers while the page is hidden. */
  readonly notifications: boolean
  /** Whether long lines of code are wrapped. */
  readonly wrapCode: boolean
}

export const defaultPreferences: Preferences = { theme: 'system', textSize: 'normal', language: 'system', sendKey: 'enter', reading: 'follow', notifications: false, wrapCode: false }
