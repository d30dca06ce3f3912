/**
 * The texts that every renderer is given: the same in every run, for chance comes from a seeded generator. Sizes are in characters, and all of
 * the generated text is ASCII, so a KB is 1,000 of them.
 */

/** Deterministic numbers from 0 up to 1, excluded (mulberry32). */
function createDice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const words = ('harbour rope tide anchor signal keel current buoy chart deck engine stream token journal reader answer window frame layout paint measure ' +
  'cursor event retry server browser thread message part state line block page cost rate slope first last long short quick steady open closed').split(' ')

interface Writer {
  /** A whole number from `from` to `to`, both possible. */
  between(from: number, to: number): number
  word(): string
  words(count: number): string
  /** A sentence with the marks that an answer has: bold, italics, code, links. */
  sentence(): string
}

function createWriter(seed: number): Writer {
  const dice = createDice(seed)
  const between = (from: number, to: number) => from + Math.floor(dice() * (to - from + 1))
  const word = () => words[between(0, words.length - 1)] ?? ''
  const some = (count: number) => Array.from({ length: count }, word).join(' ')
  const marked = () => {
    switch (between(0, 11)) {
      case 0: return `**${some(2)}**`
      case 1: return `*${word()}*`
      case 2: return `\`${word()}(${word()})\``
      case 3: return `[${some(2)}](https://example.com/${word()}/${between(1, 999)})`
      case 4: return `~~${word()}~~`
      default: return word()
    }
  }
  return {
    between, word, words: some,
    sentence() {
      const said = Array.from({ length: between(7, 18) }, marked).join(' ')
      return `${said.charAt(0).toUpperCase()}${said.slice(1)}.`
    },
  }
}

const sentences = (writer: Writer, count: number) => Array.from({ length: count }, () => writer.sentence()).join(' ')

// ---------------------------------------------------------------- the mixed answer

function code(writer: Writer): string {
  const [a, b, c] = [writer.word(), writer.word(), writer.word()]
  const n = writer.between(2, 90)
  const samples = [
    ['ts', `export function ${a}(${b}: readonly string[], limit = ${n}): Map<string, number> {\n  const ${c} = new Map<string, number>()\n  for (const each of ${b}) {\n    // ${writer.words(6)}\n    if (each.length > limit) continue\n    ${c}.set(each, (${c}.get(each) ?? 0) + 1)\n  }\n  return ${c}\n}`],
    ['python', `def ${a}(${b}, limit=${n}):\n    """${writer.words(7)}."""\n    ${c} = {}\n    for each in ${b}:\n        if len(each) > limit:\n            continue  # ${writer.words(4)}\n        ${c}[each] = ${c}.get(each, 0) + 1\n    return sorted(${c}.items(), key=lambda pair: -pair[1])`],
    ['bash', `#!/usr/bin/env bash\nset -euo pipefail\n# ${writer.words(6)}\nfor ${a} in "$@"; do\n  if [[ ! -f "$${a}" ]]; then\n    echo "no ${b}: $${a}" >&2\n    exit ${n}\n  fi\n  grep -c '${c}' "$${a}" | sort -n\ndone`],
  ] as const
  const [language, source] = samples[writer.between(0, 2)] ?? samples[0]
  return `\`\`\`${language}\n${source}\n\`\`\``
}

function list(writer: Writer): string {
  const ordered = writer.between(0, 1) === 1
  const lines: string[] = []
  for (let item = 1; item <= writer.between(3, 6); item++) {
    const mark = ordered ? `${item}.` : '-'
    lines.push(`${mark} ${writer.sentence()}`)
    const indent = ' '.repeat(mark.length + 1)
    for (let inner = writer.between(0, 3); inner > 0; inner--) {
      lines.push(`${indent}- ${writer.sentence()}`)
      if (writer.between(0, 3) === 0) lines.push(`${indent}  - ${writer.words(5)}`)
    }
  }
  return lines.join('\n')
}

function table(writer: Writer, rows: number): string {
  const row = () => `| ${writer.word()} | ${writer.between(0, 1) === 0 ? `\`${writer.word()}\`` : `**${writer.word()}**`} | ${writer.between(1, 99_999)} | ${writer.words(4)} |`
  return ['| Name | Kind | Count | About |', '|:--|:-:|--:|---|', ...Array.from({ length: rows }, row)].join('\n')
}

function maths(writer: Writer): string {
  const n = writer.between(2, 9)
  return [
    `The ${writer.word()} is $x_{${n}} = \\frac{a^2 + b^{${n}}}{\\sqrt{c}}$ for every ${writer.word()}, and so:\n\n$$\n\\sum_{i=1}^{${n}} i^2 = \\frac{n(n+1)(2n+1)}{6}\n$$`,
    `With $\\alpha_{${n}} \\le \\beta$ the ${writer.word()} stays ${writer.word()}.\n\n$$\n\\int_0^{${n}} e^{-x^2}\\,dx < \\frac{\\sqrt{\\pi}}{2}\n$$`,
  ][writer.between(0, 1)] ?? ''
}

/** Headings, paragraphs, nested lists, tables, code in three languages, quotes, tasks, links and maths, cut at `size` characters. */
export function mixed(size: number): string {
  const writer = createWriter(7)
  const blocks: string[] = []
  let length = 0
  const add = (block: string) => {
    blocks.push(block)
    length += block.length + 2
  }
  for (let section = 1; length < size; section++) {
    add(`${'#'.repeat(section % 5 === 1 ? 2 : 3)} ${section}. ${writer.words(4)}`)
    add(sentences(writer, writer.between(2, 4)))
    switch (section % 6) {
      case 0: add(maths(writer)); break
      case 1: add(code(writer)); break
      case 2: add(list(writer)); break
      case 3: add(table(writer, writer.between(4, 9))); break
      case 4: add(`> ${writer.sentence()}\n> ${writer.sentence()}`); break
      default: add(`- [x] ${writer.words(5)}\n- [ ] ${writer.words(6)}\n- [ ] ${writer.sentence()}`)
    }
    add(sentences(writer, writer.between(1, 4)))
    if (section % 2 === 0) add(code(writer))
  }
  return blocks.join('\n\n').slice(0, size)
}

// ---------------------------------------------------------------- the adversarial set

function grow(size: number, more: () => string, between: string): string {
  const pieces: string[] = []
  for (let length = 0; length < size;) {
    const piece = more()
    pieces.push(piece)
    length += piece.length + between.length
  }
  return pieces.join(between)
}

function paragraph(): string {
  const writer = createWriter(11)
  return grow(100_000, () => writer.sentence(), ' ').slice(0, 100_000)
}

/** `closed`: whether the fence ever ends, with a sentence behind it. */
function fence(closed: boolean): string {
  const writer = createWriter(13)
  const line = () => [
    `const ${writer.word()}${writer.between(1, 999)} = ${writer.word()}(${writer.between(1, 99)}, '${writer.words(3)}')`,
    `  if (${writer.word()} !== null) return ${writer.word()}.${writer.word()}() // ${writer.words(5)}`,
    `for (const ${writer.word()} of ${writer.word()}s) ${writer.word()}.push(${writer.between(1, 99)})`,
    '',
  ][writer.between(0, 3)] ?? ''
  const body = grow(100_000, line, '\n')
  return `${writer.sentence()}\n\n\`\`\`ts\n${body}${closed ? `\n\`\`\`\n\n${writer.sentence()}\n` : ''}`
}

function deepList(): string {
  const writer = createWriter(17)
  return Array.from({ length: 3_000 }, () => `${'  '.repeat(writer.between(0, 3))}- ${writer.words(writer.between(2, 8))}`)
    // The first is not indented, or it would be no list.
    .map((line, index) => (index === 0 ? line.trimStart() : line)).join('\n')
}

/** Links by reference, all defined at the very end: each stands undefined until then. */
function definitions(): string {
  const writer = createWriter(19)
  const used = Array.from({ length: 500 }, (_, at) =>
    Array.from({ length: 4 }, (_each, inner) => `${writer.words(3)} [${writer.words(2)}][r${at * 4 + inner}]`).join(' ')).join('\n\n')
  return `${used}\n\n${Array.from({ length: 2_000 }, (_, at) => `[r${at}]: https://example.com/${writer.word()}/${at}`).join('\n')}\n`
}

function footnotes(): string {
  const writer = createWriter(23)
  return Array.from({ length: 400 }, (_, at) => `${writer.sentence()}[^n${at}] ${writer.sentence()}\n\n[^n${at}]: ${writer.words(8)}.`).join('\n\n')
}

// ---------------------------------------------------------------- hostile texts, of 1 MB

const HOSTILE_CHARS = 1_000_000
const repeated = (unit: string, before = '') => () => before + unit.repeat(Math.ceil(HOSTILE_CHARS / unit.length)).slice(0, HOSTILE_CHARS)
const hostile = {
  '[': repeated('['),
  '*': repeated('*'),
  '|': repeated('|'),
  'quotes': repeated('> '),
  '*a': repeated('*a '),
  'behind **': repeated('some words that go on. ', '**'),
  'lazy lines': repeated('lazy line\n', '- a\n'),
  'raw HTML': repeated('line\n\n', '<!--\n'),
}

/** Every text of the bench by its name; made when asked for. */
export const texts: Readonly<Record<string, () => string>> = {
  '10 KB': () => mixed(10_000),
  '50 KB': () => mixed(50_000),
  '100 KB': () => mixed(100_000),
  '300 KB': () => mixed(300_000),
  '1 MB': () => mixed(1_000_000),
  'paragraph': paragraph,
  'fence': () => fence(true),
  'table': () => table(createWriter(29), 2_000),
  'list': deepList,
  'open fence': () => fence(false),
  'definitions': definitions,
  'footnotes': footnotes,
  ...hostile,
}

/** Names of the mixed texts, shortest first. */
export const mixedNames = ['10 KB', '50 KB', '100 KB', '300 KB', '1 MB'] as const
export const hardNames = ['paragraph', 'fence', 'table', 'list', 'open fence', 'definitions', 'footnotes'] as const

/** Texts that are handed over whole, as those of an old thread are. */
export const hostileNames = Object.keys(hostile)

/** Cuts a text into deltas of 3 to 10 characters. */
export function deltasOf(text: string): string[] {
  const writer = createWriter(31)
  const deltas: string[] = []
  for (let at = 0; at < text.length;) {
    const length = writer.between(3, 10)
    deltas.push(text.slice(at, at + length))
    at += length
  }
  return deltas
}
