/** Sees to it that there is an nginx for the test of the proxy in front: takes one that is there, else installs one where it may, else fails and says how. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { register } from 'tsx/esm/api'

register()
const { findNginx } = await import('../test/support/nginx.ts')

const run = (command, ...args) => spawnSync(command, args, { stdio: 'inherit' }).status === 0
if (findNginx() === null && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
  process.stdout.write('No nginx for the tests yet; getting one.\n')
  if (run('apt-get', 'update')) run('apt-get', 'install', '-y', '--no-install-recommends', 'nginx-light')
}
const found = findNginx()
if (found === null) {
  process.stderr.write('No nginx: install one (Debian: apt-get install nginx-light; macOS: brew install nginx), or set NGINX to its path.\n')
  process.exit(1)
}
process.stdout.write(`nginx: ${found}\n`)
