import type { ReactNode } from 'react'

/** A text with the given ranges of it marked. */
export function Marked({ text, marks }: { readonly text: string; readonly marks: readonly (readonly [number, number])[] }) {
  const pieces: ReactNode[] = []
  let at = 0
  for (const [start, end] of marks) {
    if (start < at || end > text.length) continue
    pieces.push(text.slice(at, start), <mark key={start}>{text.slice(start, end)}</mark>)
    at = end
  }
  return <>{pieces}{text.slice(at)}</>
}
