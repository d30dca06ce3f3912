import { areas } from './areas.mjs'

export default { test: { include: areas[process.env.MUTATION_AREA ?? '']?.tests, testTimeout: 20_000 } }
