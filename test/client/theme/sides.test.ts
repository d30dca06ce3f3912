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

const sheets = readdirSync('src/client', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.css')).map((name) => `src/client/${name}`)

test('style sheets say start and end, not left and right', () => {
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

test('what stands on the side of the page does so in browsers that know the older name only, too', () => {
  const rules = sheets.flatMap((sheet) => [...readFileSync(sheet, 'utf8').matchAll(/[^;{]*[;{]\s*text-align: match-parent/g)].map(([rule]) => `${sheet} ${rule.trim()}`))
  expect(rules.length).toBeGreaterThan(3)
  for (const rule of rules) expect(rule).toMatch(/text-align: -webkit-match-parent;\s*text-align: match-parent$/)
})

test('every icon that points left or right points along the text', () => {
  const used = readdirSync('src/client/views', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tsx'))
    .flatMap((name) => [...readFileSync(`src/client/views/${name}`, 'utf8').matchAll(/import \{([^}]*)\} from 'lucide-react'/g)].flatMap(([, names = '']) => names.split(',').map((one) => one.trim().split(' ')[0] ?? '')))
  const sided = new Set(used.filter((name) => /Left|Right/.test(name) && name !== 'CornerDownLeft').map((name) => `.lucide${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`))
  expect(sided.size).toBeGreaterThan(3)
  const turned = /svg:is\(([^)]*)\) \{\s*scale: var\(--inline\) 1;/.exec(readFileSync('src/client/theme/base.css', 'utf8'))?.[1]?.split(', ')
  expect(new Set(turned)).toEqual(sided)
})
