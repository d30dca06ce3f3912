import { describe, expect, test } from 'vitest'
import { draws, piecesOf, rangeAt, rangeAtEnd, sum } from '../../../src/client/views/thread/window.ts'

const heights = [100, 50, 200, 10, 40, 300, 100]

describe('which turns are on the page', () => {
  test('those that a stretch touches, at least one', () => {
    expect(rangeAt(heights, 0, 100)).toEqual({ from: 0, to: 1 })
    expect(rangeAt(heights, 120, 355)).toEqual({ from: 1, to: 4 })
    expect(rangeAt(heights, -500, -100)).toEqual({ from: 0, to: 1 })
    expect(rangeAt(heights, 5_000, 6_000)).toEqual({ from: 6, to: 7 })
    expect(rangeAt([], 0, 100)).toEqual({ from: 0, to: 0 })
  })

  test('the last ones that fill a height', () => {
    expect(rangeAtEnd(heights, 150)).toEqual({ from: 5, to: 7 })
    expect(rangeAtEnd(heights, 1e6)).toEqual({ from: 0, to: 7 })
    expect(rangeAtEnd([], 100)).toEqual({ from: 0, to: 0 })
  })

  test('spaces stand for all others, and the whole is as high as ever', () => {
    const pieces = piecesOf(heights, [{ from: 6, to: 7 }, { from: 2, to: 4 }])
    expect(pieces).toEqual([
      { kind: 'space', from: 0, to: 2, height: 150 },
      { kind: 'turns', from: 2, to: 4 },
      { kind: 'space', from: 4, to: 6, height: 340 },
      { kind: 'turns', from: 6, to: 7 },
    ])
    const whole = pieces.reduce((so, piece) => so + (piece.kind === 'space' ? piece.height : sum(heights, piece.from, piece.to)), 0)
    expect(whole).toBe(sum(heights, 0, heights.length))
  })

  test('ranges that overlap, touch, lie within each other or reach too far are one', () => {
    expect(piecesOf(heights, [{ from: 1, to: 4 }, { from: 2, to: 3 }, { from: 4, to: 99 }, { from: -5, to: 1 }])).toEqual([{ kind: 'turns', from: 0, to: 7 }])
    expect(piecesOf(heights, [])).toEqual([{ kind: 'space', from: 0, to: 7, height: 800 }])
    expect(piecesOf([], [{ from: 0, to: 1 }])).toEqual([])
  })

  test('what is wanted is drawn only where all of it is', () => {
    const pieces = piecesOf(heights, [{ from: 1, to: 4 }])
    expect([draws(pieces, { from: 1, to: 4 }), draws(pieces, { from: 3, to: 5 }), draws(pieces, { from: 2, to: 2 })]).toEqual([true, false, true])
  })
})
