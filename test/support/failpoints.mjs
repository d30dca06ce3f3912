/**
 * A store that kills its own process at one chosen instant. It stands before the real one in the server that tests start (serve-for-tests.mjs);
 * what is shipped knows nothing of it.
 *
 * A failpoint reads `<call>:<before|after>:<nth>`: the nth call of that operation of the store since the failpoint was set, before it is made or
 * after it is durable and before anybody hears of it. `deliver:before` is the instant between a commit and its delivery to the readers.
 */

const POINT = /^(start|startQueued|append|end|settle|claim|requestStop|answerApproval|deliver):(before|after):(\d+)$/

/**
 * @param {import('../../src/server/storage/storage.ts').Storage} real
 * @param {string | null} first the failpoint to begin with
 */
export function createFailpoints(real, first) {
  /** @type {{ call: string, when: string, left: number } | null} */
  let point = null

  /** @param {string | null} text */
  function set(text) {
    const match = text === null ? null : POINT.exec(text)
    if (text !== null && match === null) throw new Error(`"${text}" is no failpoint`)
    point = match === null ? null : { call: match[1], when: match[2], left: Number(match[3]) }
  }

  /** @param {string} call @param {string} when */
  function pass(call, when) {
    if (point === null || point.call !== call || point.when !== when) return
    point.left -= 1
    if (point.left > 0) return
    process.kill(process.pid, 'SIGKILL')
    for (;;); // not one instruction further
  }

  const guarded = ['start', 'startQueued', 'append', 'end', 'settle', 'claim', 'requestStop', 'answerApproval'].map((call) => [call, async (...input) => {
    pass(call, 'before')
    const result = await real[call](...input)
    pass(call, 'after')
    return result
  }])
  set(first)
  return {
    set,
    storage: {
      ...real,
      ...Object.fromEntries(guarded),
      follow: (listener) => real.follow((change) => {
        if (change.kind === 'events') pass('deliver', 'before')
        listener(change)
      }),
    },
  }
}
