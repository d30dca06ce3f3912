/**
 * The seed of a random test. Printed, so that a failure can be repeated: `SEED=<n> npx vitest run <file>`.
 */
export function seedOf(name: string): number {
  const given = process.env['SEED']
  const seed = given === undefined ? (Math.random() * 0x7fffffff) | 0 : Number.parseInt(given, 10)
  process.stdout.write(`seed of "${name}": ${seed}\n`)
  return seed
}
