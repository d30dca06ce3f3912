import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { middle } from './results.ts'
import { judge } from './report.ts'
import { deltasOf, hardNames, mixedNames, texts } from './texts.ts'
import type { Timed } from './measure.ts'
import type { Results } from './results.ts'

it('measures the renderer and the floor in Chromium, without any package but the page\'s own', { timeout: 120_000 }, async () => {
  const bench = spawn(process.execPath, ['--import', 'tsx', resolve(import.meta.dirname, 'run.ts'), '--renderers=ours,floor', '--texts=10 KB', '--repeats=1'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [bench.stdout, bench.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { said += text })
  const code = await new Promise((left) => bench.once('exit', left))
  expect(code, said).toBe(0)
  expect(said).toMatch(/^ours +\d+\.\d+$/m)
  expect(said).toMatch(/^floor: a div per line +1\.00$/m)
  expect(said).toMatch(/^10 KB: by the floor +\d+\.\d+ +≤ 1\.90 +(met|MISSED)$/m)
  expect(said).toMatch(/^removed nodes per KB +\d+\.\d+ +≤ 5\.00 +met$/m)
  expect(said).toMatch(/^flash frames +0\.00 +≤ 0\.00 +met$/m)
})

describe('the texts', () => {
  it('are as long as they are called, the same each time, and whole when their deltas are put together', () => {
    for (const name of mixedNames) {
      const text = texts[name]?.() ?? ''
      expect(text).toHaveLength(Number.parseFloat(name) * (name.endsWith('MB') ? 1e6 : 1e3))
      expect(texts[name]?.()).toBe(text)
    }
    for (const name of hardNames) {
      const text = texts[name]?.() ?? ''
      const deltas = deltasOf(text)
      expect(deltas.join('')).toBe(text)
      expect(deltas.slice(0, -1).every((delta) => delta.length >= 3 && delta.length <= 10)).toBe(true)
    }
  })

  it('hold what they are there for', () => {
    const mixed = texts['50 KB']?.() ?? ''
    for (const what of [/^## /m, /^### /m, /^ +- /m, /^\|:--/m, /^```ts/m, /^```python/m, /^```bash/m, /\]\(https:/, /\$\$/, /^> /m, /^- \[x\] /m]) expect(mixed).toMatch(what)
    expect(texts['paragraph']?.()).not.toContain('\n')
    expect(texts['paragraph']?.()).toHaveLength(100_000)
    expect((texts['table']?.() ?? '').split('\n')).toHaveLength(2_002)
    expect((texts['list']?.() ?? '').split('\n')).toHaveLength(3_000)
    expect((texts['open fence']?.() ?? '').match(/^```/gm)).toHaveLength(1)
    expect((texts['definitions']?.() ?? '').match(/^\[r\d+\]: /gm)).toHaveLength(2_000)
    expect((texts['footnotes']?.() ?? '').match(/^\[\^n\d+\]: /gm)).toHaveLength(400)
  })
})

describe('the verdict', () => {
  const timed = (cpuS: number | null, rest: Partial<Timed> = {}): Timed => ({ cpuS, slope: 1, longTasks: 0, longest: 0, elements: 10, ...rest })
  const results = (times: Record<string, readonly Timed[]>): Results => ({
    times: (renderer, text) => times[`${renderer} ${text}`] ?? [], addTime() {}, seen: () => undefined, setSeen() {},
  })

  it('takes the middle of the tries, and none where one of them did not finish', () => {
    expect(middle([timed(3), timed(1), timed(2)])?.cpuS).toBe(2)
    expect(middle([timed(3), timed(null)])).toBeNull()
    expect(middle([])).toBeUndefined()
  })

  it('misses a bar by what was measured, and judges nothing that was not', () => {
    const bars = judge(results({ 'ours 300 KB': [timed(2, { slope: 1.5 })], 'floor 300 KB': [timed(2)], 'ours table': [timed(1, { longest: 80 })], 'floor table': [timed(1)], 'ours 1 MB': [timed(null)] }), '50 KB')
    expect(bars.map((bar) => [bar.what, bar.met])).toEqual([
      ['300 KB: by the floor', false], ['300 KB: last tenth / first', false], ['1 MB: completes', false],
      ['table: by the floor', true], ['table: longest task, ms', false],
    ])
  })
})
