/** Settings lie over whatever is open, at `#settings-<section>`: a link leads there, and Back leads out. */
import { settingsSections } from '../store/state.ts'
import type { SettingsSection } from '../store/state.ts'

export interface SettingsAddress {
  /** The section that the address names; null: none. */
  current(): SettingsSection | null
  /** Opening is a step that Back undoes; another section, and closing, take its place. */
  show(section: SettingsSection | null): void
}

/** The part of `window` that is used. */
export interface SettingsPage {
  readonly location: { readonly pathname: string; readonly hash: string }
  readonly history: Pick<History, 'pushState' | 'replaceState'>
}

export function createSettingsAddress(page: SettingsPage): SettingsAddress {
  const current = (): SettingsSection | null => {
    const named = /^#settings(?:-(\w+))?$/.exec(page.location.hash)
    if (named === null) return null
    return settingsSections.find((section) => section === named[1]) ?? settingsSections[0]
  }
  return {
    current,
    show(section) {
      const url = section === null ? page.location.pathname : `${page.location.pathname}#settings-${section}`
      if (current() === null && section !== null) page.history.pushState(null, '', url)
      else page.history.replaceState(null, '', url)
    },
  }
}
