/** Numbers, sizes, times and plurals of one language, through Intl. Each catalogue makes its own. */

export interface Units {
  readonly second: (count: number) => string
  readonly minute: (count: number) => string
  readonly hour: (count: number) => string
}

export type Formats = ReturnType<typeof createFormats>

/** `#` stands for the number. A language uses the forms that Intl.PluralRules knows for it; `other` serves for the rest. */
export type Plural = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>

/** How a language writes whole numbers and chooses plurals, where that is said in a line: exactly what Intl says, which takes tens of milliseconds to load. */
export interface Plainly {
  readonly integer: (value: number) => string
  readonly plural: (count: number) => Intl.LDMLPluralRule
}

export const plainEnglish: Plainly = {
  integer: (value) => String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ','),
  plural: (count) => (Math.abs(count) === 1 ? 'one' : 'other'),
}

/**
 * @param language a BCP 47 tag
 * @param units how a span of time is written, short: `3 min`
 * @param plainly left out: Intl is asked for whole numbers too
 */
export function createFormats(language: string, units: Units, plainly?: Plainly) {
  // Made when first wanted: each costs milliseconds, and a page that opens wants few.
  const numbers = (options?: Intl.NumberFormatOptions) => once(() => new Intl.NumberFormat(language, options))
  const dates = (options: Intl.DateTimeFormatOptions) => once(() => new Intl.DateTimeFormat(language, options))
  const everyNumber = numbers()
  const compact = numbers({ notation: 'compact', maximumFractionDigits: 1 })
  const clock = dates({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const day = dates({ day: 'numeric', month: 'short' })
  const dayAndYear = dates({ day: 'numeric', month: 'short', year: 'numeric' })
  const month = dates({ month: 'long', year: 'numeric' })
  const money = numbers({ style: 'currency', currency: 'USD', maximumFractionDigits: 4 })
  const percent = numbers({ style: 'percent' })
  const sized = ['byte', 'kilobyte', 'megabyte'].map((unit) => numbers({ style: 'unit', unit, unitDisplay: unit === 'byte' ? 'long' : 'short', maximumFractionDigits: unit === 'megabyte' ? 1 : 0 }))
  const plurals = once(() => new Intl.PluralRules(language))
  const number = (value: number): string => (plainly !== undefined && Number.isSafeInteger(value) ? plainly.integer(value) : everyNumber().format(value))
  const ruleOf = (count: number): Intl.LDMLPluralRule => (plainly !== undefined && Number.isSafeInteger(count) ? plainly.plural(count) : plurals().select(count))

  /** `0.4 s`, `12 s`, `3 min 20 s`, `1 h 5 min`. */
  const duration = (ms: number): string => {
    const whole = Math.max(0, ms)
    if (whole < 950) return units.second(Math.max(0.1, Math.round(whole / 100) / 10))
    const seconds = Math.round(whole / 1000)
    if (seconds < 60) return units.second(seconds)
    const minutes = Math.floor(seconds / 60)
    if (minutes < 60) return seconds % 60 === 0 ? units.minute(minutes) : `${units.minute(minutes)} ${units.second(seconds % 60)}`
    return minutes % 60 === 0 ? units.hour(Math.floor(minutes / 60)) : `${units.hour(Math.floor(minutes / 60))} ${units.minute(minutes % 60)}`
  }
  const plural = (count: number, forms: Plural, shown = number(count)): string => (forms[ruleOf(count)] ?? forms.other).replace('#', shown)

  return {
    number,
    money: (dollars: number) => money().format(dollars),
    /** Of 0 to 1, downwards: only what is whole is 100 %. */
    percent: (share: number) => percent().format(Math.floor(share * 100) / 100),
    /** `820 bytes`, `12 kB`, `1.4 MB`, by 1024. */
    bytes(count: number): string {
      const step = count < 1000 ? 0 : count < 1000 * 1024 ? 1 : 2
      return sized[step]?.().format(count / 1024 ** step) ?? ''
    },
    month: (at: number) => month().format(new Date(at)),
    duration,
    /** A clock that ticks: whole seconds only, so that it does not flicker. */
    ticking: (ms: number): string => (ms < 1000 ? units.second(0) : duration(Math.floor(ms / 1000) * 1000)),
    /** `1 token`, `4,120 tokens`. */
    plural,
    /** The same, short from a thousand on: `12.4K characters`. */
    shortPlural: (count: number, forms: Plural): string => plural(count, forms, count < 1000 ? number(count) : compact().format(count)),
    /** `14:05` today, else with its day. */
    moment(at: number, now: number): string {
      const then = new Date(at)
      const today = new Date(now)
      if (then.toDateString() === today.toDateString()) return clock().format(then)
      return `${(then.getFullYear() === today.getFullYear() ? day : dayAndYear)().format(then)}, ${clock().format(then)}`
    },
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

/** What there is of the pieces, side by side. */
export function joined(pieces: readonly (string | null)[]): string {
  return pieces.filter((piece) => piece !== null && piece !== '').join(' · ')
}

/** Words of another language amid a text, in a direction of their own. */
export const quoted = (words: string): string => `\u2068${words}\u2069`
