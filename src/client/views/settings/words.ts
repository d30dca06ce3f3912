/** The settings' own texts, in the language that is spoken. English ones come with the settings, for a page that opens none does without them. */
import { text } from '../text.ts'
import { en } from '../text/en.ts'
import { settingsInEnglish } from '../text/settings-en.ts'
import type { SettingsText } from '../text/settings-en.ts'

const english = settingsInEnglish(en.format)

/** To be called while a view draws, as `text` is read. */
export const settingsText = (): SettingsText => text.inSettings ?? english
