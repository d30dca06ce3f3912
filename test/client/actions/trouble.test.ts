import { afterEach, describe, expect, it } from 'vitest'
import { ApiError } from '../../../src/client/api/api.ts'
import { createExplain } from '../../../src/client/actions/trouble.ts'
import { speak, text } from '../../../src/client/views/text.ts'
import { threadOf } from '../store/fixtures.ts'
import { createScriptedServer, openPage, t1 } from './page.ts'

afterEach(() => speak('en'))

describe('what went wrong', () => {
  const explain = createExplain(() => text.actions)
  const told: readonly (readonly [string, unknown, () => string])[] = [
    ['nobody answers', new ApiError('unreachable', 'x'), () => text.actions.unreachable],
    ['nobody answers in time', new ApiError('unreachable', 'x', { cause: new DOMException('late', 'TimeoutError') }), () => text.actions.late],
    ['a proxy answers for the server', new ApiError('unreachable', 'x', { status: 502 }), () => text.actions.notAnswering(502)],
    ['the login ran out', new ApiError('refused', 'x', { status: 401 }), () => text.actions.loginRanOut],
    ['the answer is of another kind', new ApiError('unreadable', 'x', { status: 200, cause: new Error('no JSON') }), () => text.actions.unreadable],
    ['there is no reason', new ApiError('unreadable', 'x', { status: 500 }), () => text.actions.noReason(500)],
    ['the page itself fails', new Error('boom'), () => text.actions.pageFailed('boom')],
    ['the server says why', new ApiError('refused', 'x', { status: 422, problem: { type: 'about:blank', title: 'No', status: 422, detail: 'Too long. Shorten it.' } }), () => 'Too long. Shorten it.'],
  ]
  it.each(told)('is told where %s, in the language that is spoken', async (_where, error, words) => {
    const english = explain(error)
    expect(english).toBe(words())
    await speak('ar')
    expect(explain(error)).toBe(words())
    expect(explain(error) === english).toBe(english.startsWith('Too long'))
  })
})

it('a toast speaks the language of its moment', async () => {
  const server = createScriptedServer()
  server.put(threadOf(t1, { title: 'Tides' }))
  const page = openPage({ server })
  page.actions.start(t1)
  await page.settle()
  await speak('ar')
  await page.actions.archive(t1, true)
  expect(page.store.getState().toasts.map((toast) => [toast.text, toast.action?.label])).toEqual([[text.actions.archived('Tides'), text.actions.undo]])
  expect(text.actions.undo).not.toBe('Undo')
})
