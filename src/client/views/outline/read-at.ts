/** Of the view's height: what begins above this line is being read. */
const LINE = 0.4

/** The question of the turn that is being read; null: there is none. */
export function readAt(): string | null {
  const scroller = document.querySelector<HTMLElement>('[data-thread]')
  if (scroller === null) return null
  const line = scroller.getBoundingClientRect().top + scroller.clientHeight * LINE
  const turns = [...scroller.querySelectorAll<HTMLElement>('[data-turn]')]
  const read = turns.findLast((turn) => turn.getBoundingClientRect().top <= line) ?? turns[0]
  return read?.dataset['turn'] ?? null
}
