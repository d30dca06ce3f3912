/** Slows every fsync of a process down, by a library that the loader puts before libc. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const source = (ms: number) => `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
static void wait_first(void) { struct timespec t = { 0, ${ms} * 1000000L }; nanosleep(&t, 0); }
int fsync(int fd) { static int (*real)(int); if (!real) real = dlsym(RTLD_NEXT, "fsync"); wait_first(); return real(fd); }
int fdatasync(int fd) { static int (*real)(int); if (!real) real = dlsym(RTLD_NEXT, "fdatasync"); wait_first(); return real(fd); }
`

/** The environment under which a process has slow fsyncs, and how to clean up; null where there is no C compiler for it. */
export function slowFsync(ms: number): { readonly env: Readonly<Record<string, string>>; remove(): void } | null {
  if (process.platform !== 'linux') return null
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-fsync-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const library = join(folder, 'slow-fsync.so')
  writeFileSync(join(folder, 'slow-fsync.c'), source(ms))
  const compiled = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(folder, 'slow-fsync.c'), '-ldl'], { stdio: 'ignore' })
  if (compiled.status === 0) return { env: { LD_PRELOAD: library }, remove }
  remove()
  return null
}
