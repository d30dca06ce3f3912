/** A disk of a process's own: small, in memory, and gone with it. */
import { spawnSync } from 'node:child_process'
import type { ForkOptions } from 'node:child_process'

/** How to fork a process for which `folder` is such a disk. Throws where the system does not let a process have its own mounts. */
export function onSmallDisk(folder: string, megabytes: number): Pick<ForkOptions, 'execPath' | 'execArgv'> {
  const tried = spawnSync('unshare', ['-rm', 'true'], { encoding: 'utf8' })
  if (tried.status !== 0) {
    throw new Error(`A small disk needs a mount namespace, which this system does not give (unshare -rm: ${tried.error?.message ?? tried.stderr.trim()}). Allow user namespaces, or run the tests as root.`)
  }
  return { execPath: 'unshare', execArgv: ['-rm', 'sh', '-c', `mount -t tmpfs -o size=${megabytes}m tmpfs "$0" && exec "$@"`, folder, process.execPath] }
}
