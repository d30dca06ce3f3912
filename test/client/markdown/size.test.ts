import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { expect, test } from 'vitest'
import { markedLexerOnly } from '../../../vite.config.ts'

test('the renderer with marked, without what is added lazily, takes at most 30 KB', async () => {
  const made = await build({
    configFile: false,
    plugins: [markedLexerOnly()],
    logLevel: 'silent',
    build: { write: false, minify: true, target: 'es2023', modulePreload: { polyfill: false }, rolldownOptions: { input: 'src/client/markdown/mount.ts', preserveEntrySignatures: 'strict' } },
  })
  const outputs = (Array.isArray(made) ? made : [made]).flatMap((one) => ('output' in one ? one.output : []))
  const code = outputs.map((one) => (one.type === 'chunk' ? one.code : '')).join('')
  expect(code).toContain('data-page') // it was built
  expect(gzipSync(code).length).toBeLessThanOrEqual(30_000)
}, 60_000)
