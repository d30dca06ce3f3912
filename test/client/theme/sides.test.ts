import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** What says left or right, so would stand on the wrong side in a language that is written from right to left. */
const sided = [
  /\b(?:margin|padding|border)-(?:left|right)\b/,
  /(?:^|[\s;{])(?:left|right):/,
  /text-align:\s*(?:left|right)/,
  /\b(?:float|clear):\s*(?:left|right)/,
  /border-(?:top|bottom)-(?:left|right)-radius/,
]
const values = /^\s*(?:margin|padding|inset):\s*([^;]+);/

/** The values of a shorthand, parentheses kept together. */
function split(list: string): string[] {
  return list.replaceAll(/\([^()]*(?:\([^()]*\)[^()]*)*\)/g, (group) => group.replaceAll(' ', '')).split(/\s+/)
}

test('style sheets say start and end, not left and right', () => {
  const sheets = readdirSync('src/client', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.css')).map((name) => `src/client/${name}`)
  expect(sheets.length).toBeGreaterThan(10)
  const found = sheets.flatMap((sheet) =>
    readFileSync(sheet, 'utf8').split('\n').flatMap((line, i, lines) => {
      const four = split(values.exec(line)?.[1] ?? '')
      const uneven = four.length === 4 && four[1] !== four[3]
      // The author of a table asked for this side.
      const asked = lines[i - 1]?.includes("[data-align='right']") === true
      return (uneven || sided.some((pattern) => pattern.test(line))) && !asked ? [`${sheet}:${i + 1} ${line.trim()}`] : []
    }),
  )
  expect(found).toEqual([])
})
