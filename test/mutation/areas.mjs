/** What is broken on purpose, and by which tests it must be noticed: the fast ones that tell a rule each, not the explorations. */
export const areas = {
  run: {
    mutate: ['src/client/run/step.ts', 'src/client/run/state.ts', 'src/client/run/backoff.ts'],
    tests: ['test/client/run/transitions.test.ts', 'test/client/run/backoff.test.ts'],
  },
  protocol: {
    mutate: ['content', 'events', 'feed', 'read', 'stream', 'values'].map((name) => `src/shared/protocol/${name}.ts`),
    tests: ['test/shared/protocol.test.ts', 'test/shared/answers-and-requests.test.ts'],
  },
  requests: {
    mutate: ['files', 'requests', 'resources'].map((name) => `src/shared/protocol/${name}.ts`),
    tests: ['test/shared/answers-and-requests.test.ts'],
  },
  transcript: {
    mutate: ['src/shared/covers.ts', 'src/shared/transcript.ts'],
    tests: ['test/shared/transcript.test.ts'],
  },
  machine: {
    mutate: ['src/server/runs/step.ts'],
    tests: ['test/server/runs/life.test.ts'],
  },
  recording: {
    mutate: ['src/server/runs/recording.ts'],
    tests: ['test/server/runs/recording-rules.test.ts', 'test/server/runs/recording.test.ts'],
  },
  journal: {
    mutate: ['src/server/storage/journal-codec.ts', 'src/server/storage/fold-run.ts', 'src/server/runs/journal-writer.ts', 'src/server/runs/until-stored.ts'],
    tests: ['test/server/storage/journal-codec.test.ts', 'test/server/storage/fold-run.test.ts', 'test/server/runs/journal-writer.test.ts'],
  },
  transactions: {
    mutate: ['src/server/storage/transactions.ts'],
    tests: ['test/server/storage/memory.test.ts'],
  },
}
