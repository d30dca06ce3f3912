/** The texts of parts that are fetched when they are wanted, in the language that is spoken. English ones come with these parts, for a page that opens none does without them. */
import { text } from './text.ts'
import { en } from './text/en.ts'
import { partsInEnglish } from './text/parts-en.ts'
import type { PartsText } from './text/parts-en.ts'

const english = partsInEnglish(en.format)

/** To be called while a view draws, as `text` is read. */
export const partsText = (): PartsText => text.inParts ?? english
