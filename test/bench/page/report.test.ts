import { expect, it } from 'vitest'
import { judgePage, middles, perKb } from './report.ts'

const mark = (chars: number, more: number, cpuS: number, fps = 60) => ({ chars, more, cpuS, fps, worstFrame: 20 })

it('counts the processor time per KB from the beginning of the answer', () => {
  expect(perKb([mark(10_000, 10_000, 0.1), mark(100_000, 90_000, 1.9)])).toEqual([10, 20])
})

it('misses the bar of an answer that grows dearer, of a long task, of frames that are left out', () => {
  const streams = [
    { above: 0, throttle: 1, marks: [mark(10_000, 10_000, 0.1), mark(100_000, 90_000, 0.9)], tasks: { long: 0, longest: 30 } },
    { above: 500, throttle: 1, marks: [mark(10_000, 10_000, 0.1), mark(100_000, 90_000, 1.9)], tasks: { long: 1, longest: 70 } },
    { above: 0, throttle: 4, marks: [mark(10_000, 10_000, 0.4), mark(100_000, 90_000, 3.6, 42)], tasks: { long: 9, longest: 300 } },
  ]
  const opens = [{ messages: 5_000, switchMs: 120, switchCpuMs: 80, loadMs: 400, elements: 3_100 }]
  expect(judgePage({ streams, opens }).map((bar) => [bar.what, bar.met])).toEqual([
    ['0 messages above: CPU per KB at the end / at the beginning', true],
    ['0 messages above: longest task, ms', true],
    ['500 messages above: CPU per KB at the end / at the beginning', false],
    ['500 messages above: longest task, ms', false],
    ['0 messages above, slowed 4×: frames/s', false],
    ['thread of 5000: interactive, ms', true],
    ['thread of 5000: elements', false],
  ])
})

it('takes of each case the middle one of its tries', () => {
  const tried = (above: number, cpuS: number) => ({ above, throttle: 1, marks: [mark(10_000, 10_000, cpuS)], tasks: { long: 0, longest: 30 } })
  const { streams } = middles({ streams: [tried(0, 3), tried(500, 9), tried(0, 1), tried(0, 2)], opens: [] })
  expect(streams.map((one) => [one.above, one.marks[0]?.cpuS])).toEqual([[0, 2], [500, 9]])
})
