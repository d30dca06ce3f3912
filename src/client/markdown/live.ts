/** What is to be drawn, as plain data. */
import type { Run } from './syntax.ts'

/** An element, or text; neighbouring texts are one text. */
export type Shape = string | ElementShape | Live

/** An element that is known whole. */
export interface ElementShape {
  readonly tag: string
  readonly attributes: Readonly<Record<string, string>>
  kids: readonly Shape[]
  /** Its kids come from this inline text, and may change when a definition comes. */
  readonly run?: Run & { readonly depth: number }
}

/** An element that grows. `settled` never change again and are taken by whoever draws; `open` ones are given anew at every step. */
export interface Live {
  readonly live: true
  readonly tag: string
  attributes: Record<string, string>
  settled: Shape[]
  open: readonly Shape[]
  /** A definition changed what was settled: `settled` holds it from the beginning again. */
  restarted?: boolean
}

export function createLive(tag: string, attributes: Record<string, string> = {}, settled: Shape[] = []): Live {
  return { live: true, tag, attributes, settled, open: [] }
}

export const isLive = (shape: Shape): shape is Live => typeof shape !== 'string' && 'live' in shape

export const element = (tag: string, attributes: Readonly<Record<string, string>>, kids: readonly Shape[]): ElementShape => ({ tag, attributes, kids })

/** Nothing more comes: what is open is what it will stay. */
export function freeze(shape: Shape): void {
  if (typeof shape === 'string') return
  if (!isLive(shape)) {
    for (const kid of shape.kids) freeze(kid)
    return
  }
  for (const kid of shape.open) freeze(kid)
  shape.settled.push(...shape.open)
  shape.open = []
}

/** Neighbouring texts become one, so that a growing text stays one node. */
export function add(out: Shape[], ...shapes: readonly Shape[]): void {
  for (const shape of shapes) {
    const last = out.at(-1)
    if (shape === '') continue
    if (typeof shape === 'string' && typeof last === 'string') out[out.length - 1] = last + shape
    else out.push(shape)
  }
}
