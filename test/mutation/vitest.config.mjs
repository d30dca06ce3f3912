import { areas } from './areas.mjs'

export default { test: { include: areas[process.env.MUTATION_AREA ?? '']?.tests, isolate: false, testTimeout: 20_000 } }
