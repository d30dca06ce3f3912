/** `npm run mutation [area…]`: breaks the named areas on purpose, piece by piece, and fails where less than nine tenths are noticed. */
import { spawnSync } from 'node:child_process'
import { areas } from './areas.mjs'

const known = Object.keys(areas)
const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !known.includes(name))
if (unknown.length > 0) throw new Error(`There is no area ${unknown.join(', ')}. Choose from ${known.join(', ')}.`)

const failed = (asked.length > 0 ? asked : known).filter((name) => {
  process.stdout.write(`\n${name}\n`)
  const { status } = spawnSync(process.execPath, ['test/mutation/node_modules/@stryker-mutator/core/bin/stryker.js', 'run', 'test/mutation/stryker.config.mjs'], {
    stdio: 'inherit', env: { ...process.env, MUTATION_AREA: name },
  })
  return status !== 0
})
if (failed.length > 0) throw new Error(`Too little is noticed in ${failed.join(', ')}.`)
