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
    ['somebody between answers with a page', new ApiError('intercepted', 'x', { status: 200 }), () => text.actions.pageBetween],
    ['there is no reason', new ApiError('unreadable', 'x', { status: 500 }), () => text.actions.noReason(500)],
    ['the page itself fails', new Error('boom'), () => text.actions.pageFailed('boom')],
    ['the server says why', refused(413, 'file-too-large', 'The file is larger than 20 MB. Choose a smaller one.'), () => text.actions.refused('file-too-large', '', 'The file is larger than 20 MB. Choose a smaller one.')],
  ]
  it.each(told)('is told where %s, in the language that is spoken', async (_where, error, words) => {
    const english = explain(error)
    expect(english).toBe(words())
    await speak('ar')
    expect(explain(error)).toBe(words())
    expect(explain(error)).not.toContain(english)
  })

  it('is said with the name it is about, with more words of the server’s where they say more, and in them alone where the page does not know the kind', async () => {
    const said = (...given: Parameters<typeof refused>) => explain(refused(...given))
    expect(said(422, 'takes-no-files', 'Reef takes no files.', 'Reef')).toBe('Reef takes no files.')
    await speak('ar')
    expect(said(422, 'takes-no-files', 'Reef takes no files.', 'Reef')).toBe('\u2068Reef\u2069 لا يقبل الملفات. أزلها أو اختر وكيلًا آخر.')
    expect(said(422, 'not-an-export', 'threads[0] is no chat.')).toBe('هذه ليست محادثة مصدَّرة يمكن قراءتها. \u2068threads[0] is no chat.\u2069')
    for (const code of ['of-a-newer-server', 'constructor']) expect(said(409, code, 'No.')).toBe('رفض الخادم ذلك: \u2068No.\u2069')
    expect(explain(new ApiError('refused', 'x', { status: 409, problem: { type: 'https://proxy.example/full', title: 'Full', status: 409, detail: '' } }))).toContain('Full')
  })

  it('is said of an agent that failed by what kind of failure it was, its own words behind', async () => {
    expect(text.message.cause('unknown_model', 'It does not know "reef".')).toBe('It does not know "reef".')
    await speak('ar')
    expect(text.message.cause('unknown_model', 'It does not know "reef".')).toBe('لا يعرف المزوّد هذا النموذج. اختر نموذجًا آخر. \u2068It does not know "reef".\u2069')
    expect(text.message.cause('empty_answer', 'The agent ended.')).not.toContain('The agent')
    expect(text.message.cause('toString', 'Odd.')).toBe('\u2068Odd.\u2069')
  })
})

function refused(status: number, code: string, detail: string, about?: string): ApiError {
  return new ApiError('refused', 'x', { status, problem: { type: `urn:holdfast:${code}`, title: 'No', status, detail, ...(about === undefined ? {} : { about }) } })
}

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
