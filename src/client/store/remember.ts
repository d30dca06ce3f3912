/** What was made of `key`, made once: the same object for as long as the key is the same. */
export function remember<K extends object, V>(kept: WeakMap<K, V>, key: K, make: (key: K) => V): V {
  const held = kept.get(key)
  if (held !== undefined) return held
  const made = make(key)
  kept.set(key, made)
  return made
}
