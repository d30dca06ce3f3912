import { describe, expect, it } from 'vitest'
import { pathOfStretches, stretchesOf } from '../../src/shared/branches.ts'
import type { MessageId, RunId } from '../../src/shared/ids.ts'
import { rowsOf } from '../../src/client/views/branches/rows.ts'

/** Runs in order, each `run question after`; run rN leaves the reply aN, and one with a dash left none. */
function thread(...told: readonly string[]) {
  const runs = told.map((line) => line.split(' ')).map(([run = '', question = '', after = '']) => ({ run: run.replace('-', ''), bare: run.endsWith('-'), question, after: after === '' ? null : after }))
  const messages = runs.flatMap(({ run, bare, question, after }, index) => [
    ...(runs.findIndex((one) => one.question === question) === index ? [{ id: question, run, after }] : []),
    ...(bare ? [] : [{ id: run.replace('r', 'a'), run, after: question }]),
  ]) as { id: MessageId; run: RunId; after: MessageId | null }[]
  return stretchesOf(messages, runs.map(({ run, question }) => ({ id: run as RunId, message: question as MessageId })))
}
const shown = (stretches: ReturnType<typeof thread>) => stretches.map(({ first, last, turns, parent }) => `${parent?.first.run.id ?? ''}>${first.run.id}..${last.run.id} ${turns}`)

describe('the branches of a thread', () => {
  it('are one where nothing forks', () => {
    expect(shown(thread('r1 q1', 'r2 q2 a1', 'r3 q3 a2'))).toEqual(['>r1..r3 3'])
    expect(shown(thread())).toEqual([])
  })
  it('part where a question was edited, where one was answered again, and at the beginning', () => {
    expect(shown(thread('r1 q1', 'r2 q2 a1', 'r3 q3 a2', 'r4 e2 a1', 'r5 q5 a4'))).toEqual(['>r1..r1 1', 'r1>r2..r3 2', 'r1>r4..r5 2'])
    expect(shown(thread('r1 q1', 'r2 q2 a1', 'r3 q2 a1', 'r4 q4 a3'))).toEqual(['>r1..r1 1', 'r1>r2..r2 1', 'r1>r3..r4 2'])
    expect(shown(thread('r1 q1', 'r2 e1'))).toEqual(['>r1..r1 1', '>r2..r2 1'])
  })
  it('go on behind a question that nothing came of', () => {
    expect(shown(thread('r1- q1', 'r2 q2 q1'))).toEqual(['>r1..r2 2'])
  })
  it('lead back to the beginning', () => {
    const told = [{ id: 'r1' as RunId, parent: null }, { id: 'r2' as RunId, parent: 'r1' as RunId }, { id: 'r4' as RunId, parent: 'r1' as RunId }]
    expect(pathOfStretches(told, 'r4' as RunId).map((one) => one.id)).toEqual(['r1', 'r4'])
    expect(pathOfStretches(told, 'other' as RunId)).toEqual([])
  })
})

describe('their rows', () => {
  const branch = (id: string, last: string, parent: string | null) => ({ id: id as RunId, last: last as RunId, parent: parent as RunId | null, turns: 1, at: 0, question: { message: 'q' as MessageId, excerpt: '' }, answer: null })
  const branches = [branch('r1', 'r1', null), branch('r2', 'r3', 'r1'), branch('r4', 'r4', 'r1'), branch('r5', 'r5', 'r2'), branch('r6', 'r6', 'r2')]
  const told = (runs: readonly string[]) => rowsOf(branches, runs as RunId[]).map(({ branch: { id }, level, onPath, current }) => `${'.'.repeat(level)}${id}${onPath ? '*' : ''}${current ? '!' : ''}`)

  it('stand each under the one that it leaves from, with the way to what is looked at', () => {
    expect(told(['r1', 'r2', 'r3', 'r6'])).toEqual(['.r1*', '..r2*', '...r5', '...r6*!', '..r4'])
    expect(told(['r4'])).toEqual(['.r1*', '..r2', '...r5', '...r6', '..r4*!'])
  })
  it('know the way where a newer run is not in the map yet', () => expect(told(['r4', 'new'])).toContain('..r4*!'))
  it('mark nothing where nothing is known', () => expect(told([])).toEqual(['.r1', '..r2', '...r5', '...r6', '..r4']))
})
