/** Builds the page and the chosen renderers, each a module of its own, and serves them. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build, preview } from 'vite'
import { renderers } from './renderer.ts'

export interface BuiltBench {
  readonly url: string
  /** Path of a renderer's module. */
  moduleOf(name: string): string
  close(): Promise<void>
}

const here = import.meta.dirname

/** Throws where a renderer needs packages that are not installed. */
export async function buildBench(names: readonly string[]): Promise<BuiltBench> {
  if (names.some((name) => renderers[name]?.packages === true) && !existsSync(resolve(here, 'node_modules'))) {
    throw new Error('The other renderers are not installed. Run `npm --prefix test/bench/render ci` first, or choose --renderers=ours,floor.')
  }
  const outDir = await mkdtemp(join(tmpdir(), 'holdfast-bench-render-'))
  const common = { configFile: false as const, root: here, logLevel: 'error' as const, base: './' }
  await build({
    ...common,
    build: {
      outDir, emptyOutDir: true, target: 'es2023', modulePreload: false, chunkSizeWarningLimit: 10_000,
      rollupOptions: {
        input: { page: resolve(here, 'page.html'), ...Object.fromEntries(names.map((name) => [name, resolve(here, renderers[name]?.module ?? '')])) },
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: '[name].js' },
      },
    },
  })
  const server = await preview({ ...common, build: { outDir }, preview: { port: 0, host: '127.0.0.1' } })
  const url = server.resolvedUrls?.local[0]
  if (url === undefined) throw new Error('The built page is not served.')
  return {
    url: `${url}page.html`,
    moduleOf: (name) => `./${name}.js`,
    async close() {
      await server.close()
      await rm(outDir, { recursive: true, force: true })
    },
  }
}
