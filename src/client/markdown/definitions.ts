/** What links and footnotes are called by: names that come in any order, each of which may complete texts above it. */
import type { Links } from 'marked'

type Definition = Links[string]

export interface Definitions {
  /** What marked reads and writes. Writing is provisional, for the owner that is reading. */
  readonly links: Links
  /** `owner` reads its open end anew: what it had provisionally defined is forgotten. */
  begin(owner: object): void
  /** These names, as last defined, are final. */
  settle(names: Iterable<string>): void
  /** Notes which names are asked for from now on … */
  watch(): void
  /** … and tells those whose answer may still change, if any. */
  asked(): ReadonlySet<string> | undefined
  /** Names whose meaning changed since last asked. */
  changed(numberOf: (name: string) => number | undefined): ReadonlySet<string> | undefined
}

export function createDefinitions(): Definitions {
  const settled = new Map<string, Definition>()
  const provisional = new Map<string, { readonly owner: object; readonly definition: Definition }>()
  const told = new Map<string, string>()
  let touched = new Set<string>()
  let owner: object = {}
  let asked: Set<string> | undefined

  const find = (name: string): Definition | undefined => {
    const final = settled.get(name)
    if (final === undefined) (asked ??= new Set()).add(name)
    return final ?? provisional.get(name)?.definition
  }
  const links = new Proxy<Links>({}, {
    get: (_, name) => find(String(name)),
    set(_, name, definition: Definition) {
      provisional.set(String(name), { owner, definition })
      touched.add(String(name))
      return true
    },
    getOwnPropertyDescriptor(_, name) {
      const value = find(String(name))
      return value === undefined ? undefined : { value, configurable: true, enumerable: true, writable: true }
    },
  })

  return {
    links,
    begin(next) {
      owner = next
      for (const [name, held] of provisional) if (held.owner === next) {
        provisional.delete(name)
        touched.add(name)
      }
    },
    settle(names) {
      for (const name of names) {
        const held = provisional.get(name)
        if (held === undefined || settled.has(name)) continue
        settled.set(name, held.definition)
        provisional.delete(name)
        touched.add(name)
      }
    },
    watch() {
      asked = undefined
    },
    asked: () => asked,
    changed(numberOf) {
      if (touched.size === 0) return undefined
      const changed = new Set<string>()
      for (const name of touched) {
        const definition = settled.get(name) ?? provisional.get(name)?.definition
        const now = definition === undefined ? '' : `${JSON.stringify(definition)} ${numberOf(name) ?? ''}`
        if ((told.get(name) ?? '') === now) continue
        told.set(name, now)
        changed.add(name)
      }
      touched = new Set()
      return changed.size === 0 ? undefined : changed
    },
  }
}
