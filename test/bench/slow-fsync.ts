/** Slows every fsync of a process down, by a library that the loader puts before libc. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Waits for `ms`, then while the file `held` is there, at which it leaves a file `waiting`. */
const source = (ms: number, held: string, waiting: string) => `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>
static void wait_ms(long ms) { struct timespec t = { 0, ms * 1000000L }; nanosleep(&t, 0); }
static void wait_first(void) {
  wait_ms(${ms});
  while (access(${JSON.stringify(held)}, F_OK) == 0) { close(open(${JSON.stringify(waiting)}, O_CREAT | O_WRONLY, 0600)); wait_ms(5); }
}
int fsync(int fd) { static int (*real)(int); if (!real) real = dlsym(RTLD_NEXT, "fsync"); wait_first(); return real(fd); }
int fdatasync(int fd) { static int (*real)(int); if (!real) real = dlsym(RTLD_NEXT, "fdatasync"); wait_first(); return real(fd); }
`

export interface SlowFsync {
  /** The environment under which a process has slow fsyncs. */
  readonly env: Readonly<Record<string, string>>
  /** From now on no fsync comes to an end until they are let go. */
  hold(): void
  letGo(): void
  /** An fsync has been waiting since they are held. */
  holdsOne(): boolean
  remove(): void
}

/** Null where there is no C compiler for it. */
export function slowFsync(ms: number): SlowFsync | null {
  if (process.platform !== 'linux') return null
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-fsync-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const [library, held, waiting] = [join(folder, 'slow-fsync.so'), join(folder, 'held'), join(folder, 'waiting')]
  writeFileSync(join(folder, 'slow-fsync.c'), source(ms, held, waiting))
  const compiled = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(folder, 'slow-fsync.c'), '-ldl'], { stdio: 'ignore' })
  if (compiled.status === 0) return { env: { LD_PRELOAD: library }, hold: () => writeFileSync(held, ''), letGo: () => rmSync(held), holdsOne: () => existsSync(waiting), remove }
  remove()
  return null
}
