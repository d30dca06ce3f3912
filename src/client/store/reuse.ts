/**
 * `next` with every piece that equals the same piece of `before` replaced by that piece, so that what did not change keeps its
 * identity and is not drawn again. For plain data: records, arrays and primitives. Array items are matched by `id` where they have
 * one, else by place. A field that is absent equals one that is undefined.
 */
export function reuse<T>(before: unknown, next: T): T {
  if (before === next || typeof before !== 'object' || before === null || typeof next !== 'object' || next === null) return next
  if (Array.isArray(next)) return Array.isArray(before) ? (reuseArray(before, next) as T) : next
  if (Array.isArray(before)) return next
  return reuseRecord(before as Record<string, unknown>, next as Record<string, unknown>) as T
}

function reuseArray(before: readonly unknown[], next: readonly unknown[]): readonly unknown[] {
  const made = next.map((item, index) => reuse(counterpart(before, item, index), item))
  return made.length === before.length && made.every((item, index) => item === before[index]) ? before : made
}

function counterpart(before: readonly unknown[], item: unknown, index: number): unknown {
  const id = idOf(item)
  if (id === undefined || idOf(before[index]) === id) return before[index]
  return before.find((other) => idOf(other) === id)
}

function idOf(item: unknown): unknown {
  return typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined
}

/** Fields are looked up as own ones and set by `fromEntries`: a field named `__proto__` is a field like any other. */
function reuseRecord(before: Record<string, unknown>, next: Record<string, unknown>): Record<string, unknown> {
  const field = (record: Record<string, unknown>, key: string) => (Object.hasOwn(record, key) ? record[key] : undefined)
  let same = Object.keys(before).every((key) => field(before, key) === undefined || field(next, key) !== undefined)
  const made = Object.entries(next).map(([key, value]) => {
    const held = field(before, key)
    const kept = reuse(held, value)
    if (kept !== held) same = false
    return [key, kept] as const
  })
  return same ? before : Object.fromEntries(made)
}
