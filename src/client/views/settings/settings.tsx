import { Bell, Bot, Database, Keyboard, Languages, Palette, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { settingsSections } from '../../store/state.ts'
import type { SettingsSection } from '../../store/state.ts'
import { useActions } from '../../store/react.ts'
import { text } from '../text.ts'
import { IconButton } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { AgentsSection } from './agents.tsx'
import { DataSection } from './data.tsx'
import { AppearanceSection, KeyboardSection, LanguageSection, NotificationsSection } from './sections.tsx'
import styles from './settings.module.css'
import { settingsText } from './words.ts'

const icons: Readonly<Record<SettingsSection, ReactNode>> = {
  agents: <Bot size={16} />,
  appearance: <Palette size={16} />,
  keyboard: <Keyboard size={16} />,
  notifications: <Bell size={16} />,
  language: <Languages size={16} />,
  data: <Database size={16} />,
}

const parts: Readonly<Record<SettingsSection, () => ReactNode>> = {
  agents: AgentsSection,
  appearance: AppearanceSection,
  keyboard: KeyboardSection,
  notifications: NotificationsSection,
  language: LanguageSection,
  data: DataSection,
}

/** Lies over the page; on a phone it is the page. */
export function Settings({ section }: { readonly section: SettingsSection }) {
  const actions = useActions()
  const close = () => actions.openSettings(null)
  const Part = parts[section]
  return (
    <Dialog label={text.settings.label} className={styles.dialog} onClose={close}>
      <header className={styles.head}>
        <h2 className={styles.title}>{text.settings.label}</h2>
        <IconButton label={settingsText().close} onClick={close}><X size={18} /></IconButton>
      </header>
      <div className={styles.columns}>
        <nav className={styles.sections} aria-label={settingsText().sections}>
          {settingsSections.map((one) => (
            <button key={one} type="button" className={styles.section} aria-current={one === section ? 'page' : undefined} onClick={() => actions.openSettings(one)}>
              {icons[one]}
              {settingsText().names[one]}
            </button>
          ))}
        </nav>
        <div className={styles.content} tabIndex={-1} key={section}>
          <h3 className={styles.heading}>{settingsText().names[section]}</h3>
          <Part />
        </div>
      </div>
    </Dialog>
  )
}
