import { Monitor, Moon, Sun } from 'lucide-react'
import { useActions, useStore } from '../../store/react.ts'
import { text } from '../text.ts'
import { isApple } from '../ui/is-apple.ts'
import { Choice, Switch } from './controls.tsx'
import { settingsText } from './words.ts'

export function AppearanceSection() {
  const { theme, textSize, reading } = useStore((state) => state.preferences)
  const { prefer } = useActions()
  return (
    <>
      <Choice
        label={settingsText().appearance.theme}
        value={theme}
        onChoose={(next) => prefer({ theme: next })}
        options={[
          { value: 'light', title: text.theme.light, icon: <Sun size={16} /> },
          { value: 'dark', title: text.theme.dark, icon: <Moon size={16} /> },
          { value: 'system', title: text.theme.system, icon: <Monitor size={16} /> },
        ]}
      />
      <Choice
        label={settingsText().appearance.textSize}
        value={textSize}
        onChoose={(next) => prefer({ textSize: next })}
        options={(['small', 'normal', 'large', 'largest'] as const).map((value) => ({ value, title: settingsText().appearance.sizes[value] }))}
      />
      <Switch
        label={settingsText().appearance.question}
        about={settingsText().appearance.questionAbout}
        on={reading === 'question'}
        onChange={(on) => prefer({ reading: on ? 'question' : 'follow' })}
      />
    </>
  )
}

export function KeyboardSection() {
  const sendKey = useStore((state) => state.preferences.sendKey)
  const { prefer } = useActions()
  return (
    <Choice
      label={settingsText().keyboard.sendKey}
      about={text.composer.hint(sendKey === 'enter', isApple)}
      value={sendKey}
      onChoose={(next) => prefer({ sendKey: next })}
      options={[{ value: 'enter', title: settingsText().keyboard.enter }, { value: 'mod-enter', title: settingsText().keyboard.modEnter(isApple) }]}
    />
  )
}

export function NotificationsSection() {
  const notifications = useStore((state) => state.preferences.notifications)
  const { setNotifications } = useActions()
  return <Switch label={settingsText().notifications.label} about={settingsText().notifications.about} on={notifications} onChange={(on) => void setNotifications(on)} />
}

export function LanguageSection() {
  const language = useStore((state) => state.preferences.language)
  const { prefer } = useActions()
  return (
    <Choice
      label={settingsText().language.label}
      value={language}
      onChoose={(next) => prefer({ language: next })}
      options={[
        { value: 'system', title: text.theme.system },
        { value: 'en', title: settingsText().language.names.en, lang: 'en' },
        { value: 'ar', title: settingsText().language.names.ar, lang: 'ar' },
      ]}
    />
  )
}
