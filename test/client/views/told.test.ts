/** What the server tells beside the answer, in both languages: notices of a run, and why an agent cannot be used. */
import { afterEach, describe, expect, test } from 'vitest'
import { speak, text } from '../../../src/client/views/text.ts'
import { decodeEventData, encodeEventData } from '../../../src/shared/protocol.ts'
import type { Notice, RunEvent } from '../../../src/shared/protocol.ts'
import { noticeCodes, noticeOf } from '../../../src/shared/notices.ts'
import type { NoticeCode } from '../../../src/shared/notices.ts'
import type { NotReadyCode } from '../../../src/shared/refusals.ts'
import { createRunStory } from '../../support/run-story.ts'

afterEach(() => speak('en'))

/** More than any one sentence needs. */
const values = { seconds: 7, status: 503, rounds: 12, name: 'plan.odt' }
const notice = (code: NoticeCode): Notice => ({ ...(noticeOf as (level: string, code: NoticeCode, about: object) => Omit<Notice, 'at'>)('warning', code, values), at: 1 })
/** The values that the English sentence holds. */
const named = (words: string) => Object.values(values).map(String).filter((value) => words.includes(value))

describe('every notice', () => {
  test.each(noticeCodes)('%s has its sentence in both languages, about the same', async (code) => {
    const english = text.message.notice(notice(code))
    expect(english).toMatch(/^[A-Z“].*\.$/)
    expect(english).not.toContain('undefined')
    await speak('ar')
    const arabic = text.message.notice(notice(code))
    expect(arabic).toMatch(/\p{Script=Arabic}.*\.$/u)
    expect(arabic).not.toMatch(/undefined|NaN/)
    expect(named(arabic)).toEqual(named(english))
  })

  test('of a journal that has none of these names, or newer ones, is said as it was written', async () => {
    const story = createRunStory()
    story.notice('The provider is busy; trying again in 2 s.')
    const old = story.transcript().notices[0] as Notice
    for (const language of ['en', 'ar'] as const) {
      await speak(language)
      expect(text.message.notice(old)).toContain('The provider is busy; trying again in 2 s.')
      expect(text.message.notice({ ...old, code: 'constructor' })).toContain('trying again in 2 s.')
    }
  })

  test('goes over the wire with its name and values, which a reader that does not know them passes over', () => {
    const event: RunEvent = { type: 'run.notice', seq: 2, at: 5, ...noticeOf('warning', 'provider-trouble', { seconds: 2, status: 503 }) }
    const data = encodeEventData(event)
    expect(decodeEventData('run.notice', 2, data)).toEqual(event)
    expect(JSON.parse(data)).toMatchObject({ level: 'warning', text: 'The provider has a problem (503); trying again in 2 s.' })
  })
})

describe('why an agent cannot be used', () => {
  test.each<NotReadyCode>(['agent-not-set-up', 'agent-key-unreadable', 'key-file-unusable'])('%s is said in the language of the reader, in its list, its refusal and its failure', async (code) => {
    const detail = 'In English.'
    const about = '/var/lib/holdfast.key'
    expect(text.agent.missing({ code, about }, detail)).toBe(detail)
    await speak('ar')
    const said = text.agent.missing({ code, about }, detail)
    expect(said).toMatch(/\p{Script=Arabic}/u)
    expect(said).not.toContain(detail)
    expect(said.includes(about)).toBe(code === 'key-file-unusable')
    expect(text.actions.refused(code, about, detail)).toBe(said)
    expect(text.message.cause(code, detail)).not.toContain(detail)
  })

  test('is said with the words of the agent where it names no reason that is known here', async () => {
    await speak('ar')
    for (const why of [undefined, { code: 'out-of-tea' }, { code: 'toString' }]) expect(text.agent.missing(why, 'Plug it in.')).toContain('Plug it in.')
  })
})
