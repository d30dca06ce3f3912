import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const outDir = 'dist/client'

/** Writes `.br` and `.gz` beside each file that gains by it, so that the server compresses nothing while somebody waits. */
function precompress(dir: string): void {
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(js|css|html|svg|json|webmanifest|txt)$/.test(entry.name)) continue
    const file = join(entry.parentPath, entry.name)
    const bytes = readFileSync(file)
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
    writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }))
  }
}

export default defineConfig({
  plugins: [react(), { name: 'precompress', apply: 'build', closeBundle: () => precompress(outDir) }],
  build: { outDir, emptyOutDir: true, target: 'es2023', modulePreload: { polyfill: false }, assetsInlineLimit: 0, chunkSizeWarningLimit: 600 },
  server: { proxy: { '/api': 'http://127.0.0.1:8484' } },
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    environment: 'node',
    // The SQLite writer is a worker thread; its TypeScript source needs the same loader there.
    execArgv: ['--import', 'tsx'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
  },
})
