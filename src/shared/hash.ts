/**
 * FNV-1a, 32 bits, over UTF-16 code units (each unit is one step). Offset basis and prime from the FNV
 * authors' page, http://www.isthe.com/chongo/tech/comp/fnv/. Detects a lost or doubled frame; it is no
 * protection against a forger. Can be fed in pieces: `fnv1a(b, fnv1a(a)) === fnv1a(a + b)`.
 */
export function fnv1a(text: string, from: number = FNV_BASIS): number {
  let hash = from
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME)
  return hash >>> 0
}

const FNV_BASIS = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** A hash as the wire carries it: eight lower-case hexadecimal digits. */
export function hashText(text: string): string {
  return fnv1a(text).toString(16).padStart(8, '0')
}
