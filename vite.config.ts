import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const outDir = 'dist/client'
const LARGEST_KEPT_BYTES = 400_000

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

/** What the page's beginning needs, in one file: in many small ones, shared with parts that come later, it would take a request for each. */
const first = new Set<string>()

function oneBeginning(): Plugin {
  return {
    name: 'one-beginning',
    apply: 'build',
    buildEnd() {
      first.clear()
      const reach = (id: string) => {
        if (first.has(id)) return
        first.add(id)
        for (const next of this.getModuleInfo(id)?.importedIds ?? []) reach(next)
      }
      const begins = [...this.getModuleIds()].filter((id) => id.endsWith('/src/client/main.tsx'))
      begins.forEach(reach)
      // The entry keeps its own name, by which a page knows its build.
      for (const id of begins) first.delete(id)
    },
  }
}

/** `version.json` tells open pages which build is served; `sw.js` keeps the page's own files, named in it. */
function installable(): Plugin {
  const page = ['/', ...readdirSync('public').filter((name) => !name.startsWith('icon-')).map((name) => `/${name}`)]
  return {
    name: 'installable',
    apply: 'build',
    generateBundle(_options, bundle) {
      const parts = Object.values(bundle)
      const entry = parts.find((part) => part.type === 'chunk' && part.isEntry)
      if (entry === undefined) throw new Error('The build has no entry; no page could tell whether it is the newest.')
      // What is large (fonts, diagrams) is kept once it has been wanted.
      const kept = parts.filter((part) => /\.(js|css)$/.test(part.fileName) && Buffer.byteLength(part.type === 'chunk' ? part.code : part.source) < LARGEST_KEPT_BYTES)
      const files = [...page, ...kept.map((part) => `/${part.fileName}`)].toSorted()
      const build = createHash('sha256').update(files.join()).update(entry.fileName).digest('hex').slice(0, 12)
      this.emitFile({ type: 'asset', fileName: 'version.json', source: JSON.stringify({ entry: `/${entry.fileName}` }) })
      this.emitFile({ type: 'asset', fileName: 'sw.js', source: `const BUILD = '${build}'\nconst FILES = ${JSON.stringify(files)}\n${readFileSync('src/client/pwa/service-worker.js', 'utf8')}` })
    },
  }
}

export default defineConfig({
  plugins: [react(), oneBeginning(), installable(), { name: 'precompress', apply: 'build', closeBundle: () => precompress(outDir) }],
  build: {
    outDir, emptyOutDir: true, target: 'es2023', modulePreload: { polyfill: false }, assetsInlineLimit: 0, chunkSizeWarningLimit: 600,
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'page', test: (id) => first.has(id) }] } } },
  },
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
