import { defineConfig } from '@playwright/test'
import all from './playwright.config.ts'

export default defineConfig({ ...all, testMatch: 'shots.ts', outputDir: '../test-results/shots' })
