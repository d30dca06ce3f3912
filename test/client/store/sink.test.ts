import { describe, expect, it } from 'vitest'
import type { MessageId, RunId } from '../../../src/shared/ids.ts'
import type { Message, Run } from '../../../src/shared/protocol.ts'
import { foldEvents } from '../../../src/shared/transcript.ts'
import { changeContent, putOutgoing, putSettled, receiveNewestPage } from '../../../src/client/store/content.ts'
import { selectActivity } from '../../../src/client/store/activity.ts'
import { selectTurns } from '../../../src/client/store/turns.ts'
import { createRunStory, humanMessage } from '../../support/run-story.ts'
import { copy, createStage, readTurns, runOf, textsOf, thread, tokenOf, viewOf } from './fixtures.ts'

function streaming(run = 'run-1', text = 'Hi') {
  const story = createRunStory({ run, thread, text })
  story.message(`answer-${run}`)
  story.part('p1')
  story.delta('p1', 'Hello')
  return story
}

describe('one commit per frame', () => {
  it('shows a hundred events in one commit', () => {
    const { store, sink, frames, claim, commits } = createStage()
    const token = tokenOf('run-1')
    claim(token)
    const story = streaming()
    const before = commits()
    for (let i = 0; i < 100; i++) {
      story.delta('p1', ` word${i}`)
      sink.applyEvents(token, viewOf(story.transcript()))
    }
    expect(commits()).toBe(before)
    expect(frames.waiting()).toBe(1)
    frames.draw()
    expect(commits()).toBe(before + 1)
    expect(textsOf(readTurns(store.getState(), thread)[0]?.replies ?? [])[0]).toContain('word99')
  })

  it('tells the end of a run with the text before it, in one commit', () => {
    const { sink, frames, claim, commits, content } = createStage()
    const token = tokenOf('run-1')
    claim(token)
    const story = streaming()
    story.end()
    sink.applyEvents(token, viewOf(story.transcript()))
    const before = commits()
    sink.finalize(token, { kind: 'settled', run: runOf(story.transcript()), messages: copy(story.transcript().messages) })
    expect(commits()).toBe(before + 1)
    expect(content().live).toBeNull()
    expect(textsOf(content().messages)).toEqual(['Hi', 'Hello'])
    expect(frames.waiting()).toBe(0)
  })

  it('goes on when a part of the page fails to draw', () => {
    const errors: unknown[] = []
    const { store, sink, frames, claim } = createStage({ onListenerError: (error) => errors.push(error) })
    const token = tokenOf('run-1')
    claim(token)
    let heard = 0
    store.subscribe(() => { throw new Error('cannot draw') })
    store.subscribe(() => { heard++ })
    const story = streaming()
    for (const word of [' one', ' two']) {
      story.delta('p1', word)
      sink.applyEvents(token, viewOf(story.transcript()))
      frames.draw()
    }
    expect(errors).toHaveLength(2)
    expect(heard).toBe(2)
    expect(textsOf(readTurns(store.getState(), thread)[0]?.replies ?? [])).toEqual(['Hello one two'])
  })
})

describe('the door', () => {
  it('drops what an older token says, and what comes after the end', () => {
    const { store, sink, frames, claim, logged } = createStage()
    claim(tokenOf('run-1', 1))
    claim(tokenOf('run-1', 2))
    const story = streaming()
    sink.applyEvents(tokenOf('run-1', 1), viewOf(story.transcript()))
    sink.setConnection(tokenOf('run-1', 1), { kind: 'streaming' })
    frames.draw()
    expect(selectTurns(store.getState(), thread)).toEqual([])
    expect(logged).toHaveLength(2)

    story.end()
    sink.finalize(tokenOf('run-1', 2), { kind: 'settled', run: runOf(story.transcript()), messages: story.transcript().messages })
    const settled = selectTurns(store.getState(), thread)
    sink.applyEvents(tokenOf('run-1', 2), viewOf(streaming().transcript()))
    frames.draw()
    expect(selectTurns(store.getState(), thread)).toBe(settled)
  })

  it('keeps what the new stream has waiting when the old one speaks once more', () => {
    const { store, sink, frames, claim } = createStage()
    claim(tokenOf('run-1', 2))
    const story = streaming()
    sink.applyEvents(tokenOf('run-1', 2), viewOf(story.transcript()))
    sink.applyEvents(tokenOf('run-1', 1), viewOf(story.transcript()))
    frames.draw()
    expect(selectTurns(store.getState(), thread)).toHaveLength(1)
  })

  it('leaves the new run alone when the one before settles or is superseded', () => {
    for (const finale of ['settled', 'superseded'] as const) {
      const { store, sink, frames, claim, content } = createStage()
      const first = streaming('run-1')
      first.end()
      claim(tokenOf('run-1', 1))
      sink.applyEvents(tokenOf('run-1', 1), viewOf(first.transcript()))
      sink.setConnection(tokenOf('run-1', 1), { kind: 'settling', unsaved: false })
      claim(tokenOf('run-2', 2))
      const answer = first.transcript().messages.at(-1)?.id as MessageId
      const base = streaming('run-2', 'More').transcript()
      const second = { ...base, messages: [humanMessage('More', { id: 'm-2', run: 'run-2', after: answer }), ...base.messages.slice(1)] }
      sink.applyEvents(tokenOf('run-2', 2), viewOf(second))
      frames.draw()
      const shown = () => readTurns(store.getState(), thread).map((turn) => [...textsOf([turn.message]), ...textsOf(turn.replies)])
      expect(shown()).toEqual([['Hi', 'Hello'], ['More', 'Hello']])
      sink.finalize(tokenOf('run-1', 1), finale === 'settled'
        ? { kind: 'settled', run: runOf(first.transcript()), messages: first.transcript().messages }
        : { kind: 'superseded' })
      expect(shown()).toEqual([['Hi', 'Hello'], ['More', 'Hello']])
      expect(content().live?.token.run).toBe('run-2')
      expect(selectActivity(store.getState(), thread)).toBe('running')
      expect(content().settling).toHaveLength(finale === 'settled' ? 0 : 1)
    }
  })

  it('keeps an older run in its place while it lags behind a newer one that is saved already', () => {
    const { store, sink, frames, claim } = createStage()
    const first = createRunStory({ run: 'run-1', thread })
    claim(tokenOf('run-1', 1))
    sink.applyEvents(tokenOf('run-1', 1), viewOf(first.transcript()))
    claim(tokenOf('run-2', 2))
    const base = streaming('run-2')
    base.end()
    const told = base.transcript()
    const second = { ...told, startedAt: 2000, messages: [humanMessage('More', { id: 'm-2', run: 'run-2', after: 'answer-run-1' }), ...told.messages.slice(1)] }
    sink.applyEvents(tokenOf('run-2', 2), viewOf(second))
    const shown = () => readTurns(store.getState(), thread).map((turn) => textsOf([turn.message, ...turn.replies]).join(' | '))
    frames.draw()
    expect(shown()).toEqual(['Hi', 'More | Hello'])
    sink.finalize(tokenOf('run-2', 2), { kind: 'settled', run: runOf(second), messages: second.messages })
    expect(shown()).toEqual(['Hi', 'More | Hello'])
  })

  it('keeps all that is shown when a run follows one of which only the question is here', () => {
    const { store, sink, frames, claim } = createStage()
    const first = streaming('run-1')
    first.end()
    const saved = first.transcript()
    const asked = humanMessage('And?', { id: 'm-2', run: 'run-2', after: saved.messages.at(-1)?.id ?? null })
    for (const before of [null, 'older']) {
      store.update((state) => changeContent(state, thread, (held) => receiveNewestPage({ ...held, status: 'loading', before }, { messages: copy([...saved.messages, asked]), runs: [runOf(saved)], activeRun: null, before })))
      claim(tokenOf('run-3', 3))
      const base = streaming('run-3').transcript()
      const third = { ...base, startedAt: 9_000, messages: [{ ...humanMessage('Then?', { id: 'm-3', run: 'run-3', after: 'answer-run-2' }), at: 9_000 }, ...base.messages.slice(1)] }
      sink.applyEvents(tokenOf('run-3', 3), viewOf(third))
      frames.draw()
      expect(readTurns(store.getState(), thread).map((turn) => turn.key)).toEqual([saved.messages[0]?.id, 'm-3'])
    }
  })

  // The simulator's world 20264086: a run that was still to be saved while the next two came to their ends.
  it('keeps all that is shown when a page leaves out a run that another page had, because it is not saved yet', () => {
    const { store } = createStage()
    const turn = (run: string, after: string | null, startedAt: number) => {
      const story = streaming(run, `Question ${startedAt}`)
      story.end()
      const { messages, ...told } = story.transcript()
      const [asked, ...replies] = messages
      if (asked === undefined) throw new Error('the story lacks its question')
      const question = { ...asked, id: `m-${run}` as MessageId, after: after as MessageId | null }
      return { messages: [question, ...replies], run: { ...runOf({ ...told, messages: [question, ...replies] }), startedAt } }
    }
    const [first, second, third] = [turn('run-1', null, 1), turn('run-2', 'answer-run-1', 2), turn('run-3', 'answer-run-2', 3)] as const
    const page = (messages: readonly Message[], runs: readonly Run[]) => store.update((state) => changeContent(state, thread, (held) => receiveNewestPage(held, { messages: copy([...messages]), runs: copy([...runs]), activeRun: null, before: null })))
    const shown = () => readTurns(store.getState(), thread).map(({ key }) => key)
    page([first, second, third].flatMap(({ messages }) => messages), [first.run, { ...second.run, status: 'settling', settled: false }, third.run])
    expect(shown()).toEqual(['m-run-1', 'm-run-2', 'm-run-3'])
    page([...first.messages, ...second.messages.slice(0, 1), ...third.messages], [first.run, third.run])
    expect(shown()).toEqual(['m-run-1', 'm-run-2', 'm-run-3'])
  })

  it('shows a run that is not saved yet in its place before it is followed, and once it is, though a newer one is saved', () => {
    const { store, sink, frames, claim } = createStage()
    const first = streaming('run-1')
    first.end()
    const older = first.transcript()
    const newer = streaming('run-2').transcript()
    const question = humanMessage('More', { id: 'm-2', run: 'run-2', after: older.messages.at(-1)?.id ?? null })
    const second = { ...newer, startedAt: 2_000, outcome: 'completed' as const, messages: [question, ...newer.messages.slice(1)] }
    const shown = () => readTurns(store.getState(), thread).map((turn) => textsOf([turn.message, ...turn.replies]).join(' | '))
    const unsaved = { ...runOf(older), status: 'settling' as const, settled: false }
    store.update((state) => changeContent(state, thread, (held) => receiveNewestPage(held, { messages: copy([...older.messages, ...second.messages]), runs: [unsaved, runOf(second)], activeRun: unsaved, before: null })))
    expect(shown()).toEqual(['Hi | Hello', 'More | Hello'])
    claim(tokenOf('run-1', 1))
    expect(shown()).toEqual(['Hi | Hello', 'More | Hello'])
    sink.applyEvents(tokenOf('run-1', 1), viewOf(older))
    frames.draw()
    expect(shown()).toEqual(['Hi | Hello', 'More | Hello'])
    sink.finalize(tokenOf('run-1', 1), { kind: 'settled', run: runOf(older), messages: older.messages })
    expect(shown()).toEqual(['Hi | Hello', 'More | Hello'])
  })

  it('lets a superseded run go when the settled messages hold it', () => {
    const { store, sink, frames, claim, content } = createStage()
    claim(tokenOf('run-1'))
    const story = streaming()
    story.end()
    sink.applyEvents(tokenOf('run-1'), viewOf(story.transcript()))
    frames.draw()
    sink.finalize(tokenOf('run-1'), { kind: 'superseded' })
    expect(content().live).toBeNull()
    expect(selectTurns(store.getState(), thread)).toHaveLength(1)
    const before = selectTurns(store.getState(), thread)[0]?.replies
    store.update((state) => changeContent(state, thread, (held) =>
      receiveNewestPage(held, { messages: copy([...story.transcript().messages]), runs: [runOf(story.transcript())], activeRun: null, before: null })))
    expect(content().settling).toEqual([])
    expect(selectTurns(store.getState(), thread)[0]?.replies).toBe(before)
  })
})

describe('the end of a run', () => {
  it('keeps every message and part the same object when the saved ones take their place', () => {
    const { store, sink, frames, claim } = createStage()
    const token = tokenOf('run-1')
    claim(token)
    const story = streaming()
    story.endPart('p1')
    story.part('t1', 'tool', { name: 'clock' })
    story.endPart('t1', 'done', { output: 'noon' })
    story.end()
    sink.applyEvents(token, viewOf(story.transcript()))
    frames.draw()
    const [live] = selectTurns(store.getState(), thread)
    const saved = copy(story.transcript())
    sink.finalize(token, { kind: 'settled', run: runOf(saved), messages: saved.messages })
    const [settled] = selectTurns(store.getState(), thread)
    expect(live?.live?.run).toBe('run-1')
    expect(settled?.live).toBeNull()
    expect(settled?.message).toBe(live?.message)
    expect(settled?.replies).toBe(live?.replies)
    expect(settled?.run).toBe(live?.run)
  })

  it('keeps what is shown when what was saved is less, and says that it is not saved', () => {
    const { store, sink, frames, claim, content } = createStage()
    const token = tokenOf('run-1')
    claim(token)
    const story = streaming()
    sink.applyEvents(token, viewOf(story.transcript()))
    frames.draw()
    const before = selectTurns(store.getState(), thread)[0]?.replies
    const cut = copy(story.transcript())
    const part = cut.messages[1]?.parts[0]
    if (part?.kind === 'text') part.text = 'Hel'
    sink.finalize(token, { kind: 'settled', run: runOf(cut, { settled: true }), messages: cut.messages })
    expect(selectTurns(store.getState(), thread)[0]?.replies).toBe(before)
    expect(content().live?.connection).toEqual({ kind: 'settling', unsaved: true })
  })

  it('keeps what is shown when following fails', () => {
    const { store, sink, frames, claim, finals } = createStage()
    const token = tokenOf('run-1')
    claim(token)
    sink.applyEvents(token, viewOf(streaming().transcript()))
    frames.draw()
    sink.finalize(token, { kind: 'failed', reason: 'refused', message: 'The run is gone.' })
    const [turn] = readTurns(store.getState(), thread)
    expect(textsOf(turn?.replies ?? [])).toEqual(['Hello'])
    expect(turn?.live?.connection).toMatchObject({ kind: 'failed', message: 'The run is gone.' })
    expect(selectActivity(store.getState(), thread)).toBe('idle')
    expect(finals).toHaveLength(1)
  })

  it('settles a Retry whose question stands on a page that is not loaded', () => {
    const { store, sink, frames, claim } = createStage()
    const token = tokenOf('run-1')
    claim(token)
    const story = streaming()
    story.end()
    sink.applyEvents(token, viewOf(story.transcript()))
    frames.draw()
    sink.finalize(token, { kind: 'settled', run: runOf(story.transcript()), messages: story.transcript().messages.slice(1) })
    expect(readTurns(store.getState(), thread).map((turn) => textsOf(turn.replies))).toEqual([['Hello']])
    expect(selectTurns(store.getState(), thread)[0]?.live).toBeNull()
  })
})

describe('what is shown never shrinks', () => {
  it('at any cut of a story, whatever older view comes after a newer one', () => {
    const story = streaming()
    story.delta('p1', ' world')
    story.endPart('p1')
    story.message('answer-2')
    story.part('p2', 'tool', { name: 'clock' })
    story.delta('p2', '{"zone":', 'input')
    story.delta('p2', '"UTC"}', 'input')
    story.endPart('p2', 'done', { output: 'noon' })
    const views = story.events.map((_, index) => foldEvents(story.events.slice(0, index + 1))).flatMap((transcript) => (transcript === null ? [] : [viewOf(transcript)]))
    const size = (stage: ReturnType<typeof createStage>) => JSON.stringify(stage.content().live?.view?.transcript.messages.map((message) => message.parts.map((part) =>
      ('text' in part ? part.text : part.kind === 'tool' ? part.input + part.output : '')))).length
    for (const newer of views) {
      for (const older of views) {
        const stage = createStage()
        stage.claim(tokenOf('run-1'))
        stage.sink.applyEvents(tokenOf('run-1'), newer)
        stage.frames.draw()
        const before = size(stage)
        stage.sink.applyEvents(tokenOf('run-1'), copy(older))
        stage.frames.draw()
        expect(size(stage)).toBeGreaterThanOrEqual(before)
      }
    }
  })

  it('shows another journal as it is, rather than mix two', () => {
    const { store, sink, frames, claim } = createStage()
    claim(tokenOf('run-1'))
    sink.applyEvents(tokenOf('run-1'), viewOf(streaming().transcript(), 'one'))
    frames.draw()
    const restored = createRunStory({ run: 'run-1', thread })
    sink.applyEvents(tokenOf('run-1'), viewOf(restored.transcript(), 'two'))
    frames.draw()
    expect(selectTurns(store.getState(), thread)[0]?.replies).toEqual([])
  })
})

describe('a message on its way out', () => {
  it('leaves in the commit that shows it in a transcript, so that it is never there twice nor missing', () => {
    const { store, sink, frames, claim } = createStage()
    const counts: number[] = []
    store.subscribe((state) => counts.push(selectTurns(state, thread).length))
    store.update((state) => changeContent(state, thread, (content) =>
      putOutgoing({ ...content, status: 'ready' }, { id: 'm-human' as MessageId, text: 'Hi', status: 'sending', error: null, at: 1 })))
    const key = selectTurns(store.getState(), thread)[0]?.key
    claim(tokenOf('run-1'))
    const story = streaming()
    sink.applyEvents(tokenOf('run-1'), viewOf(story.transcript()))
    frames.draw()
    expect(selectTurns(store.getState(), thread)[0]).toMatchObject({ key, outgoing: null })
    story.end()
    sink.finalize(tokenOf('run-1'), { kind: 'settled', run: runOf(story.transcript()), messages: story.transcript().messages })
    expect(new Set(counts)).toEqual(new Set([1]))
  })

  it('stays while a page of saved messages has it, but nothing shows the run that answers it yet', () => {
    const { store, sink, frames, claim } = createStage()
    store.update((state) => changeContent(state, thread, (content) =>
      putOutgoing({ ...content, status: 'ready' }, { id: 'm-human' as MessageId, text: 'Hi', status: 'sending', error: null, at: 1 })))
    const counts: number[] = []
    store.subscribe((state) => counts.push(selectTurns(state, thread).length))
    claim(tokenOf('run-1'))
    const story = streaming()
    // The feed came back in this very moment, and the newest page with it: the message is saved as soon as its run begins.
    const [human] = story.transcript().messages
    if (human === undefined) throw new Error('the story lacks its question')
    store.update((state) => changeContent(state, thread, (content) => receiveNewestPage(content, { messages: [human], runs: [], activeRun: null, before: null })))
    expect(selectTurns(store.getState(), thread)).toMatchObject([{ key: 'm-human', outgoing: { status: 'sending' } }])
    sink.applyEvents(tokenOf('run-1'), viewOf(story.transcript()))
    frames.draw()
    expect(selectTurns(store.getState(), thread)).toMatchObject([{ key: 'm-human', outgoing: null }])
    expect(new Set(counts)).toEqual(new Set([1]))
  })

  it('shows a Retry in place of the old answer, and the old answer again when it is refused', () => {
    const { store } = createStage()
    const story = streaming()
    story.end()
    const again = { id: 'again' as MessageId, text: '', regenerate: 'm-human' as MessageId, status: 'sending' as const, error: null, at: 1 }
    store.update((state) => changeContent(state, thread, (content) =>
      putOutgoing(putSettled({ ...content, status: 'ready' }, story.transcript().messages, [runOf(story.transcript())], 'newer'), again)))
    expect(selectTurns(store.getState(), thread)).toMatchObject([{ key: 'm-human', replies: [], outgoing: { status: 'sending' } }])
    store.update((state) => changeContent(state, thread, (content) => putOutgoing(content, { ...again, status: 'failed', error: 'busy' })))
    expect(textsOf(readTurns(store.getState(), thread)[0]?.replies ?? [])).toEqual(['Hello'])
    expect(selectTurns(store.getState(), thread)[0]?.outgoing?.error).toBe('busy')
  })

  it('shows the newer of two answers, whichever is saved first', () => {
    const { store } = createStage()
    const first = streaming('run-1')
    first.end()
    const second = createRunStory({ run: 'run-2', thread })
    second.message('answer-2')
    second.part('p1')
    second.delta('p1', 'Better')
    second.end()
    const settle = (story: typeof first, startedAt: number) => store.update((state) => changeContent(state, thread, (content) =>
      putSettled(content, story.transcript().messages.slice(content.messages.length === 0 ? 0 : 1), [runOf(story.transcript(), { startedAt })], 'newer')))
    settle(second, 2000)
    settle(first, 1000)
    expect(textsOf(readTurns(store.getState(), thread)[0]?.replies ?? [])).toEqual(['Better'])
    expect(selectTurns(store.getState(), thread)[0]?.run?.id).toBe('run-2' as RunId)
  })
})
