import { useStore } from '../../store/react.ts'
import { partsText } from '../parts-text.ts'
import { text } from '../text.ts'
import { Dialog } from '../ui/dialog.tsx'
import { DialogHead } from '../ui/dialog-head.tsx'
import { commands } from './commands.ts'
import { titles } from './titles.ts'
import { Keys } from './key-caps.tsx'
import styles from './shortcuts.module.css'

const groups = ['chats', 'writing', 'page'] as const

/** All keys, from the table that they are read from. */
export function Shortcuts({ onClose }: { readonly onClose: () => void }) {
  const swapped = useStore((state) => state.preferences.sendKey === 'mod-enter')
  // The one pair that a preference swaps.
  const shown = (id: string, keys: string) => (swapped && id === 'send' ? 'mod+enter' : swapped && id === 'new-line' ? 'enter' : keys)
  return (
    <Dialog label={partsText().commands.shortcuts} onClose={onClose}>
      <DialogHead title={partsText().commands.shortcuts} closeLabel={partsText().commands.close} onClose={onClose} />
      {/* It may be longer than the page is high: then it is scrolled, by keyboard too. */}
      <section className={styles.body} tabIndex={0} aria-label={partsText().commands.shortcuts}>
        {groups.map((group) => (
          <section key={group} className={styles.group}>
            <h3 className={styles.heading}>{partsText().commands.groups[group]}</h3>
            <dl>
              {commands.filter((one) => one.group === group).map(({ id, keys }) => keys === undefined ? null : (
                <div key={id} className={styles.line}>
                  <dt>{titles[id](text, partsText())}</dt>
                  <dd><Keys keys={shown(id, keys)} /></dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </section>
    </Dialog>
  )
}
