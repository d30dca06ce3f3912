/** Before any test: the thread that writes the database in one file, which a test starts in a tenth of the time. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'vite'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the bundled writer. */
    readonly writer: string
  }
}

const root = resolve(import.meta.dirname, '../..')
const cache = join(root, '.tsbuild')

export async function setup(project: TestProject): Promise<() => void> {
  mkdirSync(cache, { recursive: true })
  // Inside of the repository, where the file finds its database driver; a folder of its own, for two runs may go at once.
  const outDir = mkdtempSync(join(cache, 'writer-'))
  const bundle = () => build({
    root, configFile: false, logLevel: 'warn', publicDir: false, ssr: { noExternal: true, external: ['better-sqlite3'] },
    build: { ssr: 'src/server/storage/sqlite/writer.ts', outDir, target: 'node20', rolldownOptions: { output: { entryFileNames: 'writer.mjs' } } },
  })
  await bundle()
  project.onTestsRerun(async () => void (await bundle()))
  project.provide('writer', join(outDir, 'writer.mjs'))
  return () => rmSync(outDir, { recursive: true })
}
