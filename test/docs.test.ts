/** What the documents beside the code say of files and tests is there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')
const documents = ['README.md', 'test/FAULTS.md', 'test/MUTATION.md', ...readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md')).map((name) => `src/${name}`)]

describe.each(documents)('%s', (path) => {
  const text = textOf(path)

  test('names only files and folders that exist', () => {
    const named = [...text.matchAll(/`((?:src|test|e2e)\/[^`\s*]+)`/g)].map(([, name]) => name ?? '')
    expect(named.filter((name) => !existsSync(join(root, name)))).toEqual([])
  })
})

test('every invariant of the run names the test that holds it, by the beginning of its title', () => {
  const spec = textOf('src/client/run/SPEC.md')
  const invariants = [...spec.matchAll(/^(\d+)\. .*?\*(invariant \d+: [^*…]*)/gm)]
  expect(invariants.map(([, number]) => Number(number))).toEqual(Array.from({ length: 13 }, (_, index) => index + 1))
  const titles = textOf('test/client/stream/invariants.test.ts')
  for (const [, number, title] of invariants) {
    expect(title, `invariant ${number}`).toMatch(new RegExp(`^invariant ${number}: `))
    expect(titles, `a test called "${title?.trim()}…"`).toContain(`test('${title?.trim()}`)
  }
})

test('every rule of the contract names the test that holds it', () => {
  const table = textOf('src/shared/PROTOCOL.md').split('## Who holds it')[1] ?? ''
  const rows = table.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| rule'))
  expect(rows.length).toBeGreaterThan(5)
  let titles = 0
  for (const row of rows) {
    expect(row, 'a rule with its test').toMatch(/\| `test\/[^`]+`.*\|$/)
    const files = [...row.matchAll(/`([^`]+\.tsx?)`/g)].map(([, name]) => name ?? '')
    const tests = files.map((name) => textOf(name)).join('\n')
    for (const [, title] of row.matchAll(/\*([^*]+)\*/g)) {
      titles += 1
      expect(tests, `a test called “…${title}…”`).toContain(title)
    }
  }
  expect(titles).toBeGreaterThan(20)
})

test('every fault and every property of security names tests that exist, by a piece of their titles', () => {
  const [faults = '', security = ''] = textOf('test/FAULTS.md').split('## Security')
  const rowsOf = (table: string) => table.split('\n').filter((line) => /^\| \d+ \|/.test(line))
  const numbers = (table: string) => rowsOf(table).map((row) => Number(/\d+/.exec(row)?.[0]))
  expect(numbers(faults)).toEqual(Array.from({ length: 35 }, (_, index) => index + 1))
  expect(numbers(security)).toEqual([...Array.from({ length: 16 }, (_, index) => index + 1), 23, 24, 25, 26, 27, 28, 29, 30, 31])
  for (const row of [...rowsOf(faults), ...rowsOf(security)]) {
    const named = [...row.matchAll(/`((?:test|e2e)\/[^`]+)` “([^”]+)”/g)]
    if (!row.includes('*open*')) expect(named.length, row).toBeGreaterThan(0)
    for (const [, path = '', title = ''] of named) expect(textOf(path), `${path} has a test “${title}”`).toContain(title)
  }
})

test('every piece of code that the tests do not notice being broken is still there, and says why', () => {
  const [, ...files] = textOf('test/MUTATION.md').split(/^### `([^`]+)`/gm)
  expect(files.length).toBeGreaterThan(2)
  for (let i = 0; i < files.length; i += 2) {
    const [path = '', listed = ''] = files.slice(i, i + 2)
    const code = textOf(path)
    for (const line of listed.split('\n').filter((one) => one.startsWith('- '))) {
      const [, piece = '', reason = ''] = /^- `([^`]+)` → .+?: (.+)$/.exec(line) ?? []
      expect(code.includes(piece), `${path}: ${line}`).toBe(true)
      expect(piece.length * reason.length, line).toBeGreaterThan(0)
    }
  }
})
