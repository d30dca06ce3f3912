/**
 * `npm run bench:render`: renderers of streamed markdown side by side, in one run, in Chromium. Prints one table, with the bars.
 *
 *   -- --quick                      10 and 50 KB, once
 *   -- --renderers=ours,floor       only these (ours floor smd streamdown blocks react html); the first two need no packages
 *   -- --texts='10 KB,table'        only these
 *   -- --repeats=3                  medians of so many fresh pages
 *   -- --keep=FILE                  keeps what is measured in FILE, and goes on where FILE stops
 *   -- --limit=150                 seconds that one case may take, 40 unless told: 1 MB alone has four thousand frames, which are 64 s
 *   -- --minutes=5                  begins nothing new after so long; with --keep the next call goes on
 *
 * All of it takes half an hour on two quiet cores: no case takes longer than 40 s unless told, and what takes 10 s is tried once.
 */
import { cpus } from 'node:os'
import { chromium } from '@playwright/test'
import type { Browser } from '@playwright/test'
import { findChromium } from '../../support/chromium.ts'
import { buildBench } from './build.ts'
import { time, watch } from './measure.ts'
import { renderers } from './renderer.ts'
import { report } from './report.ts'
import { createResults } from './results.ts'
import { deltasOf, hostileNames, mixedNames, texts } from './texts.ts'

/** What takes this much is far from every bar; once tells it. */
const ONCE_S = 10
/** A mixed text that takes this much is as good as out for the next, which is at least twice as long. */
const HOPELESS_S = 25

const option = (name: string) => process.argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3)
const quick = process.argv.includes('--quick')
const LIMITS = { perFrame: 40, limitMs: Number(option('limit') ?? 40) * 1_000 }
const names = choose('renderers', Object.keys(renderers), Object.keys(renderers))
const chosen = choose('texts', Object.keys(texts), quick ? ['10 KB', '50 KB'] : Object.keys(texts))
const repeats = Number(option('repeats') ?? (quick ? 1 : 3))
const deadline = Date.now() + Number(option('minutes') ?? Infinity) * 60_000
const watched = chosen.includes('50 KB') || !chosen.some((text) => (mixedNames as readonly string[]).includes(text)) ? '50 KB' : (mixedNames.find((text) => chosen.includes(text)) ?? '50 KB')

function choose(what: string, known: readonly string[], usual: readonly string[]): readonly string[] {
  const given = option(what)?.split(',')
  const unknown = given?.find((one) => !known.includes(one))
  if (unknown !== undefined) throw new Error(`--${what}: there is no "${unknown}". Choose from: ${known.join(', ')}.`)
  return given ?? usual
}

const results = createResults(option('keep') ?? null)
const begun = Date.now()
const say = (line: string) => process.stderr.write(`${((Date.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${line}\n`)

function launch(): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === null) throw new Error('No Chromium. Run `npm run chromium`, or set PLAYWRIGHT_CHROMIUM to the path of one.')
  return chromium.launch({
    executablePath,
    args: [
      '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update',
      // Frames follow each other as fast as they are drawn: what is measured is their cost, not their number per second.
      '--disable-frame-rate-limit', '--disable-gpu-vsync',
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  })
}

/** True if the text before it took too long already. */
function hopeless(name: string, text: string): boolean {
  const before = mixedNames[(mixedNames as readonly string[]).indexOf(text) - 1]
  return before !== undefined && results.times(name, before).some((timed) => timed.cpuS === null || timed.cpuS > HOPELESS_S)
}

function done(name: string, text: string): boolean {
  const times = results.times(name, text)
  return times.length >= repeats || times.some((timed) => timed.cpuS === null || timed.cpuS > ONCE_S)
}

say(`building ${names.join(', ')}`)
const bench = await buildBench(names)
let browser = await launch()
let unfinished = false
try {
  // All renderers of one text after each other, and then again: whatever else the machine does meanwhile meets them all.
  for (const text of chosen) {
    const source = texts[text]?.() ?? ''
    const hostile = hostileNames.includes(text)
    const deltas = hostile ? [source] : deltasOf(source)
    for (let repeat = 0; repeat < repeats; repeat++) {
      // No other one ends these.
      for (const name of hostile ? names.filter((one) => one === 'ours' || one === 'floor') : names) {
        if (results.times(name, text).length > repeat || done(name, text)) continue
        if (Date.now() > deadline) {
          unfinished = true
          continue
        }
        if (hopeless(name, text)) {
          results.addTime(name, text, { cpuS: null, slope: null, longTasks: 0, longest: 0, elements: null })
          continue
        }
        const timed = await time(browser, bench, name, deltas, LIMITS)
        results.addTime(name, text, timed)
        say(`${text}, ${name}: ${timed.cpuS === null ? '—' : `${timed.cpuS.toFixed(2)} s`}`)
        // A page that was still busy may take its time to go.
        if (timed.cpuS === null) {
          await browser.close()
          browser = await launch()
        }
      }
    }
    if (text !== watched) continue
    for (const name of names) {
      if (results.seen(name, text) !== undefined) continue
      if (Date.now() > deadline) unfinished = true
      else {
        results.setSeen(name, text, await watch(browser, bench, name, deltas, LIMITS))
        say(`${text}, ${name}: watched`)
      }
    }
  }
} finally {
  await browser.close()
  await bench.close()
}

const machine = `${process.version}, ${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${((Date.now() - begun) / 1000).toFixed(0)} s`
process.stdout.write(`\n${machine}; deltas of 3 to 10 characters, ${LIMITS.perFrame} per frame, the end kept in view; medians of ${repeats}; — not finished in ${LIMITS.limitMs / 1000} s\n`)
if (quick) process.stdout.write('QUICK: no numbers to judge by\n')
if (unfinished) process.stdout.write('NOT ALL IS MEASURED YET: call it again with the same --keep\n')
process.stdout.write(`\n${report(results, names, chosen, watched)}\n`)
