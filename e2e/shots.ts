/** `npm run shots`: a picture of every view, in light and dark, at five widths, into `shots/`. To be looked at; nothing is compared. */
import { test } from './fixtures.ts'
import { standsStill } from './looks.ts'
import { views } from './views.ts'

const sizes = [[360, 740], [390, 844], [768, 1024], [1280, 800], [1600, 1000]] as const

for (const view of views) {
  test(view.name, async ({ app, provider, server, shown }) => {
    test.setTimeout(240_000)
    const { page } = app
    shown.mayLeave()
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await view.reach({ app, provider, server })
    for (const [width, height] of sizes) {
      await page.setViewportSize({ width, height })
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        await standsStill(page)
        await page.screenshot({ path: `shots/${view.name}-${width}-${colorScheme}.png` })
      }
    }
  })
}
