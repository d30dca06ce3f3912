/** Waiting that is fair on a machine that others keep busy: it counts the turns that this process was given, not the time that passed without it. */

const TURN_MS = 100

/** Calls `act` after so many ms of turns, each counted as 100 ms however late it came. The answer calls it off. */
export function afterTurns(ms: number, act: () => void): () => void {
  let left = Math.ceil(ms / TURN_MS)
  let timer: NodeJS.Timeout
  const turn = () => {
    left -= 1
    if (left <= 0) act()
    else timer = setTimeout(turn, TURN_MS)
  }
  timer = setTimeout(turn, TURN_MS)
  return () => clearTimeout(timer)
}

/** Whether `done` resolves within so many ms of turns. */
export async function withinTurns(ms: number, done: Promise<unknown>): Promise<boolean> {
  let callOff = () => {}
  const late = new Promise<false>((resolve) => { callOff = afterTurns(ms, () => resolve(false)) })
  try {
    return await Promise.race([done.then(() => true), late])
  } finally {
    callOff()
  }
}

/** A deadline for a request, as `AbortSignal.timeout` is one: what a process asked for is not late only because that process stood still. */
export function expireByTurns(ms: number): AbortSignal {
  const controller = new AbortController()
  afterTurns(ms, () => controller.abort(new DOMException('The request took too long.', 'TimeoutError')))
  return controller.signal
}
