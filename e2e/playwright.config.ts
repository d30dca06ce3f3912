import { defineConfig } from '@playwright/test'
import { findChromium } from '../test/support/chromium.ts'

const executablePath = findChromium()
if (executablePath === null) throw new Error('No Chromium. Run `npm run chromium`, or set PLAYWRIGHT_CHROMIUM to the path of one.')

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  forbidOnly: true,
  fullyParallel: true,
  // As many as the cores the tests are measured on: a third made the whole no shorter, and each story slower.
  workers: 2,
  retries: 0,
  timeout: 120_000,
  // The longest pause before the page tries a lost server again is 15 s; a condition that comes sooner is not waited for.
  expect: { timeout: 25_000 },
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 800 },
    // Each story has a new browser, which would fetch all that the page ever needs: an eighth of the time. Stories of pages that are kept, killed or left ask for it.
    serviceWorkers: 'block',
    locale: 'en-GB',
    // Recording every test takes a quarter more time: ask for it where one fails.
    trace: process.env['TRACE'] === undefined ? 'off' : 'retain-on-failure',
    permissions: ['clipboard-read', 'clipboard-write'],
    launchOptions: {
      executablePath,
      args: [
        '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
        // Chromium refuses to run its sandbox as root, which is what a container usually is.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      ],
    },
  },
})
