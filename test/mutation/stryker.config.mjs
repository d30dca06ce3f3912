import { areas } from './areas.mjs'

const name = process.env.MUTATION_AREA ?? ''
const { mutate } = areas[name]
const dir = '.tsbuild/mutation'

export default {
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutation/vitest.config.mjs', related: false },
  mutate,
  ignorePatterns: ['/.ci', '/.github', '/.holdfast', '/.tsbuild', '/dist', '/e2e', '/public', '/test-results', '/src/client/views', '/test/bench', '/test/mutation/node_modules'],
  // The compiler of this project offers no API that Stryker knows: what does not compile counts as noticed only where a test notices it.
  tsconfigFile: 'none',
  disableTypeChecks: false,
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 10_000,
  incremental: true,
  incrementalFile: `${dir}/${name}.json`,
  tempDirName: `${dir}/sandbox`,
  reporters: ['progress-append-only', 'clear-text'],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 90 },
  allowEmpty: false,
}
