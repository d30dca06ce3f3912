import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

/**
 * What binds a decision to the input that was shown: SHA-256 over the UTF-8 of the approval's `input`, as 64 lower-case hexadecimal digits.
 * Not the browser's own, which is there on pages of a secure origin only.
 */
export function inputHash(input: string): string {
  return bytesToHex(sha256(utf8ToBytes(input)))
}
