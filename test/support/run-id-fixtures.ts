/** The table of `src/client/run/SPEC.md`, "The run-id cache": values that other clients leave in storage. */

/** Values that hold the run id `run`; `thread` is a thread's. */
export const cleanable = (run: string, thread: string): readonly string[] => [
  run, ` ${run} `, `"${run}"`, `'${run}'`, ` "${run}" `, `" ${run} "`,
  `${run}/stream?thread_id=${thread}&run_id=${run}`, `${run}/stream`, `${run}?x=1`, `${run}#y`, `${run}/`,
  `/api/threads/${thread}/runs/${run}`, `/api/threads/${thread}/runs/${run}/`, `/api/threads/${thread}/runs/${run}/stream`,
  `https://h/api/threads/${thread}/runs/${run}?x=1`, `https://h/api/threads/${thread}/runs/${run}#y`, `https://h:8484/runs/${run}`,
  `${run}%2Fstream%3Fthread_id%3D${thread}%26run_id%3D${run}`, `%2Fapi%2Fthreads%2F${thread}%2Fruns%2F${run}`,
  `/runs/${thread}/runs/${run}`, `/somewhere/${run}`, `?run_id=${run}`, `?thread_id=${thread}&run_id=${run}#z`,
]

/** Values that hold none. */
export const hopeless = (run: string, thread: string): readonly string[] => [
  '', '   ', '\n\t', '/', '//', 'null', 'undefined', '"null"', '[object Object]', 'NaN', 'true', '{}', '[]', '../../x', '..', './x', '%2E%2E%2Fx',
  `/threads/${thread}`, `/api/threads/${thread}`, `/api/threads/${thread}/`, `https://h/api/threads/${thread}`, `/api/threads/${thread}/runs`,
  `/api/threads/${thread}/runs/`, `/api/threads/${thread}/runs//`, 'runs', 'stream', '/stream', '%', '%zz', '%E0%A4%A', `${run}\u0000`, `${run} ${run}`, `run:${run}`,
  'é', '😀', '<script>alert(1)</script>', 'x'.repeat(65),
]
