/** Provider keys at rest: AES-256-GCM, with a key that is never in the database. Whoever has the database alone has no key of anybody. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Missing } from '../agents/agent.ts'
import type { Log } from '../log.ts'

export interface Secrets {
  /** `owner` is bound in: a sealed text opens only for the same one. */
  seal(text: string, owner: string): Promise<string>
  /** Rejects with SecretError, which says what to do, where the key is another one or the text was changed. */
  open(sealed: string, owner: string): Promise<string>
}

export class SecretError extends Error {
  override readonly name = 'SecretError'
  readonly missing: Missing

  constructor(missing: Missing, options?: ErrorOptions) {
    super(missing.detail, options)
    this.missing = missing
  }
}

const VERSION = 'v1'
const IV_BYTES = 12
const TAG_BYTES = 16

/**
 * @param given what HOLDFAST_KEY says; null: the key is in `file`, which is made when it is first needed and only its owner may read
 */
export function createSecrets({ given, file, log }: { readonly given: string | null; readonly file: string; readonly log: Log }): Secrets {
  let master: Promise<Buffer> | null = null
  const key = async (): Promise<Buffer> => {
    master ??= given === null ? keyOf(file, log) : Promise.resolve(Buffer.from(given, 'utf8'))
    const from = await master.catch((error: unknown) => {
      master = null
      throw new SecretError({ code: 'key-file-unusable', about: file, detail: `The key file ${file} cannot be used. Give the server the right to read and write it, or set HOLDFAST_KEY.` }, { cause: error })
    })
    return Buffer.from(hkdfSync('sha256', from, '', 'holdfast provider keys', 32))
  }

  return {
    async seal(text, owner) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-gcm', await key(), iv).setAAD(Buffer.from(owner))
      const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final()])
      return `${VERSION}.${Buffer.concat([sealed, cipher.getAuthTag()]).toString('base64url')}`
    },
    async open(sealed, owner) {
      const [version, data] = sealed.split('.')
      const bytes = Buffer.from(data ?? '', 'base64url')
      if (version !== VERSION || bytes.length < IV_BYTES + TAG_BYTES) throw new SecretError(UNREADABLE)
      const decipher = createDecipheriv('aes-256-gcm', await key(), bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(owner))
        .setAuthTag(bytes.subarray(-TAG_BYTES))
      try {
        return decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)).toString('utf8') + decipher.final('utf8')
      } catch (error) {
        throw new SecretError(UNREADABLE, { cause: error })
      }
    },
  }
}

const UNREADABLE: Missing = { code: 'agent-key-unreadable', detail: 'The kept key cannot be read, because the server’s own key is another one now. Enter the key again.' }

async function keyOf(file: string, log: Log): Promise<Buffer> {
  await mkdir(dirname(file), { recursive: true })
  try {
    await writeFile(file, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (((await stat(file)).mode & 0o077) !== 0) {
      await chmod(file, 0o600)
      log.warn({ file }, 'The key file could be read by others; now only its owner may.')
    }
  }
  const text = (await readFile(file, 'utf8')).trim()
  if (text.length < 32) throw new Error('The key file is too short to be one that Holdfast made.')
  return Buffer.from(text, 'utf8')
}
