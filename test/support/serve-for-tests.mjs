/**
 * Composition root of the built server for tests: the shipped `main.js` plus a parent that may hold back the settling of runs, kill it at a
 * failpoint and fill its disk. Speaks over IPC: sends `{ url }` once it listens or `{ error }`; takes `{ settleDelayMs }` (null: hold until told
 * otherwise), `{ failpoint }` (failpoints.mjs), `{ fillDisk }`: true leaves no byte free beside the data, false frees them again. `TEST_AGENT=planned`
 * has planned-agent.mjs answer, `TEST_FAILPOINT` is the failpoint to begin with.
 */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from '../../dist/server/config.js'
import { startServer } from '../../dist/server/serve.js'
import { createFailpoints } from './failpoints.mjs'
import { createPlannedAgent } from './planned-agent.mjs'

let settleDelayMs = 0
const listeners = new Set()

/** Waits until the delay, as it is or as it becomes, has passed since now. */
async function beforeSettle() {
  const since = Date.now()
  for (;;) {
    const left = settleDelayMs === null ? Infinity : since + settleDelayMs - Date.now()
    if (left <= 0) return
    await new Promise((resolve) => {
      const timer = Number.isFinite(left) ? setTimeout(wake, left) : null
      listeners.add(wake)
      function wake() {
        if (timer !== null) clearTimeout(timer)
        listeners.delete(wake)
        resolve()
      }
    })
  }
}

let setFailpoint = () => {}

function throughStore(store) {
  const { storage, set } = createFailpoints(store, process.env.TEST_FAILPOINT ?? null)
  setFailpoint = set
  return storage
}

/** Takes every byte that the disk of the data still has, down to the last, or gives them back. */
function fillDisk(full) {
  const filler = join(process.env.DATA_DIR, 'filler')
  if (!full) return rmSync(filler, { force: true })
  const file = openSync(filler, 'a')
  try {
    for (let size = 1 << 20; size >= 1; size >>= 4) {
      try {
        for (;;) writeSync(file, Buffer.alloc(size))
      } catch (error) {
        if (error.code !== 'ENOSPC') throw error
      }
    }
  } finally {
    closeSync(file)
  }
}

process.on('message', (message) => {
  if ('failpoint' in message) setFailpoint(message.failpoint)
  if ('fillDisk' in message) {
    fillDisk(message.fillDisk)
    process.send({ filled: message.fillDisk })
  }
  if ('settleDelayMs' in message) {
    settleDelayMs = message.settleDelayMs
    for (const wake of [...listeners]) wake()
  }
})
// The test is gone: nobody will stop this server any more.
process.on('disconnect', () => process.exit(1))

try {
  const server = await startServer(readConfig(process.env), { beforeSettle, throughStore, ...(process.env.TEST_AGENT === 'planned' ? { builtIn: createPlannedAgent() } : {}) })
  process.on('SIGTERM', () => {
    server.close().then(
      () => process.exit(0),
      (error) => {
        process.stderr.write(`${error.stack}\n`)
        process.exit(1)
      },
    )
  })
  process.send({ url: server.url })
} catch (error) {
  process.send({ error: error.stack ?? String(error) }, () => process.exit(1))
}
