import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readWhole } from '../../../src/client/markdown/whole.ts'
import { seedOf } from '../../support/seed.ts'
import { nasty } from './nasty.ts'
import { oddCases } from './odd-cases.ts'
import { createMirror, lines, whole, words } from './oracle.ts'
import type { Plain } from './oracle.ts'
import sample from './document.md?raw'
import every from './every-syntax.md?raw'

/** As it is drawn at once; null where it waits for what reads growing texts. */
function read(text: string): string | null {
  const made = readWhole(text, words)
  return made === null ? null : lines(createMirror(made).read())
}

function grown(text: string): string {
  const { text: document, read: readIt } = createMirror()
  document.push(text)
  document.end()
  return lines(readIt() as Plain[])
}

test.each([sample, every, every.replaceAll('\n', '\r\n'), ...oddCases])('a whole text is what marked makes of it: %j', (text) => {
  expect(read(text)).toBe(lines(whole(text)))
})

test('so are documents that nobody would write', () => {
  fc.assert(fc.property(nasty, (text) => {
    expect(read(text)).toBe(lines(whole(text)))
  }), { numRuns: 300, seed: seedOf('whole documents') })
})

const word = 'word '
test.each([
  ['long code', `Before.\n\n\`\`\`ts\n${'const a = 1\n\n'.repeat(3_000)}\`\`\`\n\nBehind.`],
  ['many blocks', '# Title\n\nA paragraph.\n\n- a\n- b\n\n| a |\n|---|\n| b |\n\n'.repeat(200)],
  ['paragraphs of one long line', `${word.repeat(1_000)}*a*\n\n${word.repeat(300)}[^1]\n\n[^1]: note`],
])('a long text whose blocks are not, or are code, is drawn at once and as if it had grown: %s', (_, text) => {
  expect(read(text)).toBe(grown(text))
})

test.each([
  ['a list', `- ${word.repeat(20)}\n`.repeat(200)],
  ['a paragraph', word.repeat(2_000)],
  ['a table', `| a |\n|---|\n${'| b |\n'.repeat(2_000)}`],
  ['a quote', '> a\n'.repeat(3_000)],
  ['a long line that its beginning makes something else', `- ${word.repeat(400)}`],
])('what is longer than marked reads at once waits for what reads growing texts: %s', (_, text) => {
  expect(read(text)).toBeNull()
})
