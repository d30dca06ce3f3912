import { isApple } from '../ui/is-apple.ts'
import { caps } from './keys.ts'
import styles from './key-caps.module.css'

/** Keys as they are printed. */
export function Keys({ keys }: { readonly keys: string }) {
  return <span dir="ltr" className={styles.keys}>{caps(keys, isApple).map((cap) => <kbd key={cap} className={styles.key}>{cap}</kbd>)}</span>
}
