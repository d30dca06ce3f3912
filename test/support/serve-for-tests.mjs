/**
 * Composition root of the built server for tests: the shipped `main.js` plus a parent that may hold back the settling of runs.
 * Speaks over IPC: sends `{ url }` once it listens or `{ error }`; takes `{ settleDelayMs }` (null: hold until told otherwise).
 */
import { readConfig } from '../../dist/server/config.js'
import { startServer } from '../../dist/server/serve.js'

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

process.on('message', (message) => {
  settleDelayMs = message.settleDelayMs
  for (const wake of [...listeners]) wake()
})
// The test is gone: nobody will stop this server any more.
process.on('disconnect', () => process.exit(1))

try {
  const server = await startServer(readConfig(process.env), { beforeSettle })
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
