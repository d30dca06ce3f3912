/** The table, the ratios and the bars. */
import { grid } from '../grid.ts'
import { renderers } from './renderer.ts'
import { middle } from './results.ts'
import type { Results } from './results.ts'
import type { Timed } from './measure.ts'
import { hardNames, hostileNames, mixedNames } from './texts.ts'

export interface Bar {
  readonly what: string
  readonly value: string
  readonly limit: string
  readonly met: boolean
}

const short = (value: number) => (value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0))

/** Everything measured so far as text for people. */
export function report(results: Results, names: readonly string[], texts: readonly string[], watched: string): string {
  const at = (renderer: string, text: string) => middle(results.times(renderer, text))
  const cell = (renderer: string, text: string, show: (timed: Timed) => string) => {
    const timed = at(renderer, text)
    return timed === undefined ? '' : timed === null ? '—' : show(timed)
  }
  const table = (title: string, shown: readonly string[], show: (timed: Timed, text: string) => string) =>
    `${title}\n${grid([['', ...shown], ...names.map((name) => [renderers[name]?.title ?? name, ...shown.map((text) => cell(name, text, (timed) => show(timed, text)))])])}`
  const against = (other: string) => (timed: Timed, text: string) => {
    const base = at(other, text)?.cpuS
    return base === undefined || base === null || timed.cpuS === null ? '' : short(timed.cpuS / base)
  }
  const mixed = mixedNames.filter((name) => texts.includes(name))
  const hard = hardNames.filter((name) => texts.includes(name))
  const sections = [mixed, hard].filter((group) => group.length > 0).flatMap((group) => [
    table('Main thread, seconds of processor time', group, (timed) => short(timed.cpuS ?? Number.NaN)),
    ...(names.includes('floor') ? [table('… by that of the floor', group, against('floor'))] : []),
    ...(names.includes('streamdown') ? [table('… by that of streamdown', group, against('streamdown'))] : []),
    table('Tasks over 50 ms of processor time / the longest, ms', group, (timed) => `${timed.longTasks} / ${timed.longest.toFixed(0)}`),
    table('Last tenth / first tenth', group, (timed) => (timed.slope === null ? '' : short(timed.slope))),
  ])
  const hostile = hostileNames.filter((name) => texts.includes(name))
  if (hostile.length > 0) {
    sections.push(table('1 MB at once of what nobody writes, seconds of processor time', hostile, (timed) => short(timed.cpuS ?? Number.NaN)))
  }
  const seen = names.flatMap((name) => {
    const one = results.seen(name, watched)
    if (one === undefined) return []
    const title = renderers[name]?.title ?? name
    // The floor shows every mark: it is no markdown.
    return [one === null ? [title, '—', '—', '—'] : [title, short(one.removed / kb(watched)), String(one.removedFinished), name === 'floor' ? '' : `${one.flashes} of ${one.frames}`]]
  })
  if (seen.length > 0) sections.push(`Nodes, ${watched} mixed\n${grid([['', 'removed per KB', 'of them finished', 'flash frames'], ...seen])}`)
  const bars = judge(results, watched)
  if (bars.length > 0) sections.push(`Bars\n${grid([['', 'here', 'bar', ''], ...bars.map((bar) => [bar.what, bar.value, bar.limit, bar.met ? 'met' : 'MISSED'])])}`)
  return sections.join('\n\n')
}

const kb = (text: string) => Number.parseFloat(text) * (text.endsWith('MB') ? 1_000 : 1)

/** The bars that can be judged by what was measured. */
export function judge(results: Results, watched: string): Bar[] {
  const bars: Bar[] = []
  const under = (what: string, value: number | null | undefined, limit: number) => {
    if (value !== undefined && value !== null) bars.push({ what, value: short(value), limit: `≤ ${short(limit)}`, met: value <= limit })
  }
  const of = (renderer: string, text: string) => middle(results.times(renderer, text))
  const ratio = (text: string, other: string) => {
    const [mine, base] = [of('ours', text)?.cpuS, of(other, text)?.cpuS]
    return typeof mine === 'number' && typeof base === 'number' ? mine / base : null
  }
  const finished = (text: string) => {
    const mine = of('ours', text)
    if (mine !== undefined) bars.push({ what: `${text}: completes`, value: mine === null ? 'no' : 'yes', limit: 'yes', met: mine !== null })
  }
  under('300 KB: by the floor', ratio('300 KB', 'floor'), 0.65)
  under('300 KB: by streamdown', ratio('300 KB', 'streamdown'), 1 / 6)
  under('300 KB: last tenth / first', of('ours', '300 KB')?.slope, 1.1)
  under('10 KB: by the floor', ratio('10 KB', 'floor'), 1.9)
  finished('1 MB')
  under('1 MB: last tenth / first', of('ours', '1 MB')?.slope, 1.1)
  for (const text of hardNames) {
    if (of('ours', text) === null) finished(text)
    under(`${text}: by the floor`, ratio(text, 'floor'), 1.2)
    under(`${text}: longest task, ms`, of('ours', text)?.longest, 50)
  }
  for (const text of hostileNames) {
    if (of('ours', text) === null) finished(text)
    under(`1 MB of ${text}: seconds`, of('ours', text)?.cpuS, 1)
  }
  const seen = results.seen('ours', watched)
  if (seen !== undefined && seen !== null) {
    under('flash frames', seen.flashes, 0)
    under('removed nodes per KB', seen.removed / kb(watched), 5)
    under('finished nodes removed', seen.removedFinished, 0)
  }
  return bars
}
