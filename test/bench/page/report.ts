/** The figures of the whole page as one table, and the bars. */
import { grid } from '../grid.ts'
import type { Opened } from './open.ts'
import type { Mark, Streamed } from './stream.ts'

export interface StreamCase extends Streamed {
  readonly above: number
  readonly throttle: number
}

export interface OpenCase extends Opened {
  readonly messages: number
}

export interface PageResults {
  readonly streams: readonly StreamCase[]
  readonly opens: readonly OpenCase[]
}

export interface Bar {
  readonly what: string
  readonly value: string
  readonly limit: string
  readonly met: boolean
}

const SMOOTH_FPS = 58
const ms = (value: number) => value.toFixed(0)

/** Processor time per KB of the answer so far, ms, at each mark. */
export function perKb(marks: readonly Mark[]): number[] {
  let cpuS = 0
  let chars = 0
  return marks.map((one) => {
    cpuS += one.cpuS
    chars += one.more
    return (cpuS * 1000) / (chars / 1000)
  })
}

/** Of each case the middle one of its tries, by what it cost. */
export function middles(results: PageResults): PageResults {
  const of = <T>(tries: readonly T[], key: (one: T) => string, cost: (one: T) => number): T[] =>
    [...new Set(tries.map(key))].flatMap((name) => {
      const group = tries.filter((one) => key(one) === name).toSorted((a, b) => cost(a) - cost(b))
      return group[Math.floor((group.length - 1) / 2)] ?? []
    })
  return {
    streams: of(results.streams, (one) => `${one.above} ${one.throttle}`, (one) => one.marks.reduce((sum, mark) => sum + mark.cpuS, 0)),
    opens: of(results.opens, (one) => String(one.messages), (one) => one.switchMs),
  }
}

export function pageReport(results: PageResults): string {
  const { streams, opens } = middles(results)
  const rows = streams.flatMap(({ above, throttle, marks, tasks }) => {
    const costs = perKb(marks)
    return marks.map((one, index) => [
      `${one.chars / 1000} KB`, String(above), throttle === 1 ? '' : `${throttle}×`, (costs[index] ?? 0).toFixed(1), ((one.cpuS * 1000) / (one.more / 1000)).toFixed(1),
      one.fps.toFixed(1), ms(one.worstFrame), index === marks.length - 1 ? `${tasks.long} / ${ms(tasks.longest)}` : '',
    ])
  })
  const live = grid([['Answer so far', 'messages above', 'slowed', 'CPU ms per KB', 'of the last piece', 'frames/s', 'longest frame, ms', 'tasks > 50 ms / longest'], ...rows])
  const open = grid([['Thread of', 'by its link, ms', 'of it processor', 'by its address, ms', 'elements'], ...opens.map((one) => [`${one.messages} messages`, ms(one.switchMs), ms(one.switchCpuMs), ms(one.loadMs), String(one.elements)])])
  const bars = judgePage({ streams, opens }).map((bar) => [bar.what, bar.value, bar.limit, bar.met ? 'met' : 'MISSED'])
  return [...(rows.length > 0 ? [live] : []), ...(opens.length > 0 ? [open] : []), `Bars\n${grid([['', 'here', 'bar', ''], ...bars])}`].join('\n\n')
}

export function judgePage({ streams, opens }: PageResults): Bar[] {
  const bars: Bar[] = []
  for (const { above, throttle, marks, tasks } of streams) {
    const what = `${above} messages above${throttle === 1 ? '' : `, slowed ${throttle}×`}`
    const costs = perKb(marks)
    const [short, long] = [costs[0], costs.at(-1)]
    if (throttle === 1 && marks.length > 1 && short !== undefined && long !== undefined) {
      bars.push({ what: `${what}: CPU per KB at the end / at the beginning`, value: (long / short).toFixed(2), limit: '≤ 1.20', met: long <= 1.2 * short })
    }
    if (throttle === 1) bars.push({ what: `${what}: longest task, ms`, value: ms(tasks.longest), limit: '≤ 50', met: tasks.longest <= 50 })
    else {
      const fps = Math.min(...marks.map((one) => one.fps))
      bars.push({ what: `${what}: frames/s`, value: fps.toFixed(1), limit: '60', met: fps >= SMOOTH_FPS })
    }
  }
  for (const { messages, switchMs, elements } of opens) {
    bars.push({ what: `thread of ${messages}: interactive, ms`, value: ms(switchMs), limit: '< 300', met: switchMs < 300 })
    bars.push({ what: `thread of ${messages}: elements`, value: String(elements), limit: '< 3000', met: elements < 3000 })
  }
  return bars
}
