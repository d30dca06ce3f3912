/**
 * Sees to it that there is a Chromium for the end-to-end tests: takes one that is there, else installs one where it may,
 * else says in one line how to get one.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'
import { register } from 'tsx/esm/api'

register()
const { findChromium } = await import('../test/support/chromium.ts')

const run = (command, ...args) => spawnSync(command, args, { stdio: 'inherit' }).status === 0
const mayInstallPackages = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')

if (findChromium() === null) {
  process.stdout.write('No Chromium for the end-to-end tests yet; getting one.\n')
  if (mayInstallPackages && run('apt-get', 'update')) run('apt-get', 'install', '-y', '--no-install-recommends', 'chromium')
  if (findChromium() === null) run('npx', 'playwright', 'install', 'chromium')
}
const found = findChromium()
if (found === null) {
  process.stderr.write(`No Chromium: install one (Debian: apt-get install chromium; elsewhere: npx playwright install --with-deps chromium), or set PLAYWRIGHT_CHROMIUM to its path. Playwright's own would be ${chromium.executablePath()}.\n`)
  process.exit(1)
}
process.stdout.write(`Chromium: ${found}\n`)
