/** Which Chromium the tests drive. */
import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'

const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome']

/** Path of an executable: `PLAYWRIGHT_CHROMIUM`, else Playwright's own, else the system's. Null: there is none. */
export function findChromium(): string | null {
  const named = process.env['PLAYWRIGHT_CHROMIUM']
  return [...(named === undefined || named === '' ? [] : [named]), chromium.executablePath(), ...usual].find((path) => existsSync(path)) ?? null
}
