import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from '@playwright/test'

const assets = resolve(import.meta.dirname, '../dist/client/assets')
const gzippedKb = (ending: string) =>
  readdirSync(assets).filter((name) => name.endsWith(ending)).reduce((sum, name) => sum + gzipSync(readFileSync(resolve(assets, name))).length, 0) / 1024

/** A budget: raise it only for something that people get for it. React itself is 62 KB of it. */
test('the page stays within its budget: 175 KB of script and 15 KB of style, gzipped', () => {
  expect(gzippedKb('.js')).toBeGreaterThan(50) // it was built
  expect(gzippedKb('.js')).toBeLessThan(175)
  expect(gzippedKb('.css')).toBeGreaterThan(1)
  expect(gzippedKb('.css')).toBeLessThan(15)
})
