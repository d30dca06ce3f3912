import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { transformWithOxc } from 'vite'
import type { Plugin, UserConfig } from 'vite'
import { defineConfig } from 'vitest/config'

const outDir = 'dist/client'
const LARGEST_KEPT_BYTES = 400_000
/** From here on the best compression takes seconds for little: these files are not in the first load. */
const LARGE = 150_000

/** Writes `.br` and `.gz` beside each file that gains by it, so that the server compresses nothing while somebody waits. */
function precompress(dir: string): void {
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(js|css|html|svg|json|webmanifest|txt)$/.test(entry.name)) continue
    const file = join(entry.parentPath, entry.name)
    const bytes = readFileSync(file)
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }))
    writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: bytes.length > LARGE ? 9 : 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }))
  }
}

/**
 * Pages with an opaque origin, each in one file, because such a page can load nothing of ours. The policy in it names its scripts by their hashes; the
 * server adds the sandbox. `virtual:<name>-page` is its address.
 */
const sandboxed: Readonly<Record<string, { readonly frame: string; readonly scripts: readonly string[]; readonly mayLoad: string }>> = {
  diagram: { frame: 'src/client/markdown/rich/diagram/frame.ts', scripts: ['@mermaid-js/tiny'], mayLoad: '' },
  picture: { frame: 'src/client/markdown/rich/picture-frame.ts', scripts: [], mayLoad: '; img-src https: http:' },
}

function sandboxedPages(): Plugin {
  const nameOf = (id: string) => /^\0virtual:(\w+)-page$/.exec(id)?.[1] ?? ''
  return {
    name: 'sandboxed-pages',
    resolveId: (source) => (sandboxed[nameOf(`\0${source}`)] === undefined ? null : `\0${source}`),
    async load(id) {
      const name = nameOf(id)
      const page = sandboxed[name]
      if (page === undefined) return null
      const { code } = await transformWithOxc(readFileSync(page.frame, 'utf8'), page.frame)
      const libraries = page.scripts.map((script) => readFileSync(createRequire(import.meta.url).resolve(script), 'utf8'))
      // Nothing inside may end the script element.
      const scripts = [...libraries, `{${code.replaceAll(/^export \{\};?$/gm, '')}}`].map((script) => script.replaceAll(/<(?=\/script|!--)/gi, '\\x3c'))
      const hashes = scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`).join(' ')
      const policy = `default-src 'none'; script-src ${hashes}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'${page.mayLoad}`
      const source = `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><title>${name}</title><style>html,body{height:100%;margin:0}</style><body>${scripts.map((script) => `<script>${script}</script>`).join('')}`
      const fileName = `sandbox/${name}-${createHash('sha256').update(source).digest('hex').slice(0, 10)}.html`
      if (this.environment.mode === 'build') this.emitFile({ type: 'asset', fileName, source })
      return `export default '/${fileName}'`
    },
  }
}

/**
 * marked without what makes HTML strings of tokens, which the page never asks for: a global instance at its end keeps all of that in the bundle,
 * a tenth of the renderer.
 */
export function markedLexerOnly(): Plugin {
  return {
    name: 'marked-lexer-only',
    apply: 'build',
    transform(code, id) {
      if (!id.endsWith('marked.esm.js')) return null
      const end = code.search(/var \w+=new \w+;function \w+\(\w+,\w+\)\{return \w+\.parse\(/)
      const names = code.slice(end).match(/[\w$]+ as (?:Lexer|Tokenizer)\b/g)
      if (end < 0 || names?.length !== 2) throw new Error('marked is put together otherwise than before: see what of it the bundle needs.')
      return { code: `${code.slice(0, end)}export{${names.join(',')}}`, map: null }
    },
  }
}

/** What makes an element of an icon, with all that an icon of ours has. */
const PLAIN_ICON = `import { createElement } from 'react'
export default (name, nodes) => ({ size = 24, className, ...more }) => createElement('svg', {
  width: size, height: size, viewBox: '0 0 24 24', fill: 'none', stroke: 'currentColor', strokeWidth: 2, strokeLinecap: 'round', strokeLinejoin: 'round',
  className: 'lucide lucide-' + name + (className ? ' ' + className : ''), 'aria-hidden': 'aria-label' in more ? undefined : true, ...more,
}, ...nodes.map(([tag, attributes]) => createElement(tag, attributes)))`

/**
 * The icons of lucide as what is drawn of them, without their other names and random keys, and without the machinery around them: a fortieth of the
 * page's first script, and what each of the hundred icons of a thread took to draw.
 */
function plainIcons(): Plugin {
  return {
    name: 'plain-icons',
    apply: 'build',
    transform(code, id) {
      if (id.endsWith('/lucide-react/dist/esm/createLucideIcon.mjs')) return { code: PLAIN_ICON, map: null }
      if (!/\/lucide-react\/.*\/icons\//.test(id) || !code.includes('__iconData = ')) return null
      const name = /\bname: ("[\w-]+")/.exec(code)?.[1]
      const nodes = /\bnode: (\[\[.*?\]\]|\[\n.*?\n {2}\])/s.exec(code)?.[1]
      if (name === undefined || nodes === undefined || !code.includes('  size: 24,')) throw new Error(`${id} is put together otherwise than before: see what of it the page needs.`)
      return { code: `import plain from '../createLucideIcon.mjs'\nexport default /* @__PURE__ */ plain(${name}, ${nodes.replaceAll(/,? key: "\w+"/g, '')})`, map: null }
    },
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
      const codeOf = (id: string) => this.getModuleInfo(id)?.code ?? ''
      const reach = (id: string) => {
        if (first.has(id)) return
        first.add(id)
        for (const next of this.getModuleInfo(id)?.importedIds ?? []) if (!/\/lucide-react\/.*\/icons\//.test(next)) reach(next)
      }
      for (const id of this.getModuleIds()) if (id.endsWith('/src/client/main.tsx')) reach(id)
      // The library's index leads to all its icons: of these only what a part of the beginning names.
      const lists = [...first].flatMap((id) => [...codeOf(id).matchAll(/import \{([^}]*)\} from ["']lucide-react["']/g)].map(([, names = '']) => names))
      const named = new Set(lists.flatMap((names) => names.split(',').map((name) => name.trim().split(' ')[0] ?? '')))
      const index = [...first].find((id) => id.endsWith('/lucide-react.mjs')) ?? ''
      for (const [, names = '', file = ''] of codeOf(index).matchAll(/export \{([^}]*)\} from ["']\.(\/icons\/[^"']+)["']/g)) {
        if (names.split(',').some((name) => named.has(name.split(' as ')[1]?.trim() ?? ''))) reach(join(dirname(index), file))
      }
    },
    /** Nearly all of it runs while a chat is drawn: a browser that heeds this reads it beside the page, and not function by function in between. */
    // Last, for it counts on the first line only.
    generateBundle: { order: 'post', handler(_options, bundle) {
      for (const part of Object.values(bundle)) if (part.type === 'chunk' && part.name === 'page') part.code = `//# allFunctionsCalledOnLoad\n${part.code}`
    } },
  }
}

/** `version.json` tells open pages which build is served; `sw.js` keeps the page's own files, named in it. */
function installable(): Plugin {
  const page = ['/', ...readdirSync('public').filter((name) => !name.startsWith('icon-')).map((name) => `/${name}`)]
  return {
    name: 'installable',
    apply: 'build',
    // After Vite has written the page, and dropped the script that only leads to the page's one.
    generateBundle: { order: 'post', handler(_options, bundle) {
      const parts = Object.values(bundle)
      const entry = parts.find((part) => part.type === 'chunk' && part.moduleIds.some((id) => id.endsWith('/src/client/main.tsx')))
      if (entry === undefined) throw new Error('The build has no beginning; no page could tell whether it is the newest.')
      // Besides its beginning: what else is large, and what a worker loads (an asset to this build: sixty grammars), is kept once it has been wanted.
      const small = (content: string | Uint8Array) => Buffer.byteLength(content) < LARGEST_KEPT_BYTES
      const kept = parts.filter((part) => part === entry || (part.type === 'chunk' ? small(part.code) : part.fileName.endsWith('.css') && small(part.source)))
      const files = [...page, ...kept.map((part) => `/${part.fileName}`)].toSorted()
      const build = createHash('sha256').update(files.join()).update(entry.fileName).digest('hex').slice(0, 12)
      this.emitFile({ type: 'asset', fileName: 'version.json', source: JSON.stringify({ entry: `/${entry.fileName}` }) })
      this.emitFile({ type: 'asset', fileName: 'sw.js', source: `const BUILD = '${build}'\nconst FILES = ${JSON.stringify(files)}\n${readFileSync('src/client/pwa/service-worker.js', 'utf8')}` })
    } },
  }
}

/**
 * Tests that touch nothing but what they import and make: these share their processes and what is loaded there. All others have a process for each file:
 * those with a document, with stubs, with processes of their own, and those that measure.
 */
const together = [
  'test/shared/**/*.test.ts', 'test/client/{actions,api,pwa,run,store,theme}/**/*.test.ts', 'test/client/stream/{controller,exactly-once,feed,invariants,following,lifecycle,run-cache}.test.ts',
  'test/server/{agents,files,routes,runs,settings,sse}/**/*.test.ts',
]

/**
 * The server in a few files instead of 430 modules, most of them of its libraries: it starts in less than half the time. `vite build --ssr`.
 * Beside what is run it has names of their own for what tests put together anew.
 */
const server: UserConfig = {
  publicDir: false,
  ssr: { noExternal: true, external: ['better-sqlite3'] },
  build: {
    ssr: true, outDir: 'dist/server', emptyOutDir: true, target: 'node20',
    rolldownOptions: {
      input: Object.fromEntries(['cli', 'main', 'serve', 'config', 'storage/sqlite/sqlite-storage', 'storage/sqlite/writer'].map((path) => [basename(path), `src/server/${path}.ts`])),
      // Side by side, so that what is found beside `import.meta.url` is found there from each.
      output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
    },
  },
}

const page: UserConfig = {
  plugins: [markedLexerOnly(), plainIcons(), react(), sandboxedPages(), oneBeginning(), installable(), { name: 'precompress', apply: 'build', closeBundle: () => precompress(outDir) }],
  // Names that say where they are from, and repeat what stands beside them: hashes do not compress, and no two files have the same name.
  css: { modules: { generateScopedName: (name, file) => `${basename(file, '.module.css')}_${name}` } },
  build: {
    outDir, emptyOutDir: true, target: 'es2023', modulePreload: { polyfill: false }, assetsInlineLimit: 0, chunkSizeWarningLimit: 600,
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'page', test: (id) => first.has(id) }] } } },
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': 'http://127.0.0.1:8484' } },
}

export default defineConfig(({ isSsrBuild }) => ({
  ...(isSsrBuild === true ? server : page),
  test: {
    globalSetup: ['test/support/bundle-writer.ts'],
    alias: [{ find: /^\.\/writer-thread\.ts$/, replacement: fileURLToPath(new URL('test/support/writer-thread.ts', import.meta.url)) }],
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'together', include: together, isolate: false } },
      { extends: true, test: { name: 'apart', include: ['test/**/*.test.{ts,tsx}'], exclude: [...together, '**/node_modules/**'] } },
    ],
    // For what hangs: a machine that has much else to do takes several times as long.
    testTimeout: 60_000,
  },
}))
