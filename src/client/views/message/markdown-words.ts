import type { MarkdownWords } from '../../markdown/mount.ts'
import { text } from '../text.ts'

/** Asked for when something is drawn: the language may have changed since. */
export const markdownWords = (): MarkdownWords => ({
  copy: text.code.copy,
  copied: text.code.copied,
  copyLabel: text.code.copyLabel,
  plainCode: text.code.plain,
  table: text.table.label,
  goesTo: text.link.goesTo,
  image: (alt, host) => (host === null ? text.image.blocked(alt) : text.image.show(alt, host)),
  alert: (kind) => text.alert[kind] ?? kind,
  footnotes: text.footnotes.title,
  footnote: text.footnotes.open,
  footnoteBack: text.footnotes.back,
})
