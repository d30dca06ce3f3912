import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { silentLog } from '../../../src/server/log.ts'
import { createSecrets, SecretError } from '../../../src/server/settings/secrets.ts'

let folder = ''
let file = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-secrets-'))
  file = join(folder, 'data', 'holdfast.key')
})
afterEach(() => rmSync(folder, { recursive: true }))

const by = (given: string | null = null) => createSecrets({ given, file, log: silentLog })

test('what was sealed opens again, also after a restart, and two seals of one text differ', async () => {
  const sealed = await by().seal('sk-secret', 'agent-1')
  expect(sealed).not.toContain('sk-secret')
  expect(Buffer.from(sealed.slice(3), 'base64url').toString('latin1')).not.toContain('sk-secret')
  expect(await by().open(sealed, 'agent-1')).toBe('sk-secret')
  expect(await by().seal('sk-secret', 'agent-1')).not.toBe(sealed)
})

test('the key file is made when it is first needed, for its owner alone; one that others could read is closed to them', async () => {
  const secrets = by()
  expect(existsSync(file)).toBe(false)
  const sealed = await secrets.seal('x', 'a')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  chmodSync(file, 0o644)
  expect(await by().open(sealed, 'a')).toBe('x')
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('a key that is given takes the place of the file', async () => {
  const given = 'a'.repeat(32)
  const sealed = await by(given).seal('x', 'a')
  expect(existsSync(file)).toBe(false)
  expect(await by(given).open(sealed, 'a')).toBe('x')
  await expect(by('b'.repeat(32)).open(sealed, 'a')).rejects.toThrow(SecretError)
})

test('for another owner, changed, cut short or of an unknown kind it does not open, and the error says what to do', async () => {
  const secrets = by()
  const sealed = await secrets.seal('x', 'a')
  const changed = `${sealed.slice(0, -2)}${sealed.endsWith('AA') ? 'BB' : 'AA'}`
  for (const [text, owner] of [[sealed, 'b'], [changed, 'a'], [sealed.slice(0, 20), 'a'], [`v9${sealed.slice(2)}`, 'a'], ['', 'a']] as const) {
    await expect(secrets.open(text, owner)).rejects.toThrow(/Enter the key again/)
  }
})

test('a key file that Holdfast did not make is not used', async () => {
  await by().seal('x', 'a')
  writeFileSync(file, 'short')
  await expect(by().seal('x', 'a')).rejects.toThrow(/key file .* cannot be used.*HOLDFAST_KEY/)
})
