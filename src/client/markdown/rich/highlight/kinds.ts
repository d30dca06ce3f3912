/** What a piece of code is, for its colour. The style sheet knows each by its class; themes of the page need no theme here. */
export const kinds = ['plain', 'comment', 'keyword', 'string', 'constant', 'function', 'type', 'property', 'heading', 'inserted', 'deleted', 'strong', 'emphasis'] as const

export type Kind = (typeof kinds)[number]

/** TextMate scopes of each kind; the most specific scope wins, as in any such theme. */
export const scopesOf: Readonly<Record<Exclude<Kind, 'plain'>, readonly string[]>> = {
  comment: ['comment', 'punctuation.definition.comment', 'string.comment'],
  keyword: [
    'keyword', 'storage', 'storage.type', 'storage.modifier', 'variable.language', 'keyword.operator.new', 'keyword.operator.expression', 'keyword.operator.word',
    'keyword.operator.logical.python', 'punctuation.definition.template-expression', 'punctuation.section.embedded', 'support.type.primitive', 'keyword.type', 'entity.name.operator.new',
  ],
  string: ['string', 'punctuation.definition.string', 'constant.other.symbol', 'markup.inline.raw', 'markup.raw', 'string.regexp', 'markup.underline.link'],
  constant: ['constant.numeric', 'constant.language', 'constant.character', 'constant.other', 'support.constant', 'variable.other.constant', 'variable.other.enummember', 'keyword.other.unit', 'entity.name.constant'],
  function: ['entity.name.function', 'support.function', 'meta.function-call.generic', 'variable.function', 'entity.name.method', 'support.macro', 'entity.name.command'],
  type: [
    'entity.name.type', 'entity.name.class', 'entity.other.inherited-class', 'support.class', 'support.type', 'entity.name.namespace', 'entity.name.tag', 'storage.type.java',
    'storage.type.cs', 'storage.type.groovy', 'entity.name.module', 'punctuation.definition.list.begin.markdown',
  ],
  property: [
    'entity.other.attribute-name', 'support.type.property-name', 'meta.object-literal.key', 'support.variable.property', 'variable.other.property', 'variable.object.property',
    'variable.parameter', 'variable.other.member', 'entity.name.tag.yaml', 'support.type.property-name.json', 'keyword.key.toml', 'variable.other.env', 'variable.other.normal.shell',
    'punctuation.definition.variable', 'entity.name.variable.field', 'keyword.other.definition.ini',
  ],
  heading: ['markup.heading', 'entity.name.section', 'meta.diff.range', 'meta.diff.header'],
  inserted: ['markup.inserted', 'punctuation.definition.inserted'],
  deleted: ['markup.deleted', 'punctuation.definition.deleted'],
  strong: ['markup.bold'],
  emphasis: ['markup.italic'],
}

/** Operators and punctuation are words of the language, but coloured they are only noise. */
const plainScopes = ['keyword.operator', 'punctuation', 'storage.type.function.arrow', 'meta.embedded', 'keyword.operator.assignment', 'string variable', 'punctuation.separator', 'meta.template.expression', 'source variable']

const code = (kind: Kind): string => `#${kinds.indexOf(kind).toString(16).padStart(6, '0')}`

/** A theme whose colours are not colours but numbers of kinds, so that tokens come out sorted. */
export const kindTheme = {
  name: 'kinds',
  type: 'light' as const,
  fg: code('plain'),
  bg: '#ffffff',
  settings: [
    { settings: { foreground: code('plain'), background: '#ffffff' } },
    { scope: [...plainScopes], settings: { foreground: code('plain') } },
    ...Object.entries(scopesOf).map(([kind, scope]) => ({ scope: [...scope], settings: { foreground: code(kind as Kind) } })),
  ],
}

/** Number of the kind that a token's colour stands for; 0 (plain) if it is none of ours. */
export function kindNumber(color: string | undefined): number {
  const number = color === undefined ? 0 : Number.parseInt(color.slice(1, 7), 16)
  return number < kinds.length ? number : 0
}
