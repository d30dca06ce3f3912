import { readFile } from 'node:fs/promises'
import { expect, test } from './fixtures.ts'

test('a run is gone through step by step: live, then scrubbed, replayed and taken along for a bug report', async ({ app, provider, asked }) => {
  const { page } = app
  await app.open()
  await app.send('Tell me')
  const call = await provider.nextCall()
  call.text('First words. ')
  await app.shows('First words. ')
  const dialog = page.getByRole('dialog', { name: 'Timeline' })
  const fact = (name: string) => dialog.locator('dl > div', { has: page.getByText(name, { exact: true }) }).locator('dd')

  await test.step('while it runs it ticks', async () => {
    await page.getByRole('button', { name: /Show the timeline/ }).press('Enter')
    await expect(dialog).toContainText('Running')
    await expect(dialog.locator('[data-step=answer][data-open]')).toHaveCount(1)
    const spent = dialog.locator('[data-step=answer]')
    const before = await spent.textContent()
    await expect.poll(() => spent.textContent()).not.toBe(before)
    await expect(fact('Cost'), 'nothing was said of it yet').toHaveCount(0)
    // The provider names what each of its calls cost, and the run's is their sum.
    call.toolCall('calculator', ['{"expression":"1+1"}'])
    call.finish('tool_calls', { input: 1200, output: 30, cost: 0.0105 })
    const second = await provider.nextCall()
    await expect(fact('Cost')).toHaveText('$0.0105')
    second.text('Last words.')
    second.finish('stop', { input: 1300, output: 12, cost: 0.002 })
    await expect(dialog).toContainText('Completed')
    await expect(dialog.locator('[data-open]')).toHaveCount(0)
    await expect(fact('Cost')).toHaveText('$0.0125')
    await expect(fact('Tokens read')).toHaveText('2,500')
    await expect(page.getByRole('button', { name: /42 tokens · \$0\.0125\. Show the timeline/, includeHidden: true })).toHaveCount(1)
    expect((await asked.settled(app.thread())).usage).toMatchObject({ inputTokens: 2500, outputTokens: 42, cost: 0.0125 })
  })

  await test.step('once it has ended it can be scrubbed and replayed by keyboard', async () => {
    const slider = dialog.getByRole('slider', { name: 'Moment of the run' })
    const stage = dialog.locator('[data-replay]')
    await expect(stage).toContainText(/First words\.[^]*Last words\./)
    await slider.press('Home')
    await expect(stage).toContainText('Nothing was said yet.')
    await dialog.getByRole('button', { name: '16×' }).press('Enter')
    await dialog.getByRole('button', { name: 'Play' }).press('Enter')
    await expect(stage).toContainText(/First words\.[^]*Last words\./)
    await expect(dialog.getByRole('button', { name: 'Play' })).toBeVisible()
  })

  await test.step('its journal is every event, a line each', async () => {
    const saved = page.waitForEvent('download')
    await dialog.getByRole('button', { name: 'Download journal' }).click()
    const lines = (await readFile(await (await saved).path(), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as { type: string; seq: number })
    const run = await asked.settled(app.thread())
    expect(lines.map((line) => line.seq)).toEqual(Array.from({ length: run.lastSeq }, (_, i) => i + 1))
    expect(lines.at(-1)?.type).toBe('stream_end')
  })

  await page.keyboard.press('Escape')
  await expect(dialog).toHaveCount(0)
  await expect(page.getByRole('button', { name: /Show the timeline/ })).toBeFocused()
})
