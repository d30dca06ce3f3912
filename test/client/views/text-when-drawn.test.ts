// @vitest-environment happy-dom
import { expect, test, vi } from 'vitest'

const read: string[] = []
vi.mock('../../../src/client/views/text.ts', async (original) => ({
  ...(await original<object>()),
  get text() {
    read.push(new Error('read').stack ?? '')
    throw new Error('A text is read when a view draws: at module level it would stay in the language that the page began with.')
  },
}))

test('no view reads a text before it draws, so a new language reaches all of them', async () => {
  const views = import.meta.glob(['../../../src/client/views/**/*.{ts,tsx}', '!**/text.ts', '!**/text/*'])
  expect(Object.keys(views).length).toBeGreaterThan(30)
  for (const load of Object.values(views)) await load()
  expect(read).toEqual([])
  // Reading and compiling every view is work that a busy machine takes long for; nothing here waits.
}, 180_000)
