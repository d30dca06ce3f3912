import { Monitor, Moon, Sun } from 'lucide-react'
import { useActions, useStore } from '../../store/react.ts'
import { text } from '../text.ts'
import { isApple } from '../ui/is-apple.ts'
import { Choice, Switch } from './controls.tsx'

export function AppearanceSection() {
  const { theme, textSize, reading } = useStore((state) => state.preferences)
  const { prefer } = useActions()
  return (
    <>
      <Choice
        label={text.settings.appearance.theme}
        value={theme}
        onChoose={(next) => prefer({ theme: next })}
        options={[
          { value: 'light', title: text.theme.light, icon: <Sun size={16} /> },
          { value: 'dark', title: text.theme.dark, icon: <Moon size={16} /> },
          { value: 'system', title: text.theme.system, icon: <Monitor size={16} /> },
        ]}
      />
      <Choice
        label={text.settings.appearance.textSize}
        value={textSize}
        onChoose={(next) => prefer({ textSize: next })}
        options={(['small', 'normal', 'large', 'largest'] as const).map((value) => ({ value, title: text.settings.appearance.sizes[value] }))}
      />
      <Switch
        label={text.settings.appearance.question}
        about={text.settings.appearance.questionAbout}
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
      label={text.settings.keyboard.sendKey}
      about={text.composer.hint(sendKey === 'enter', isApple)}
      value={sendKey}
      onChoose={(next) => prefer({ sendKey: next })}
      options={[{ value: 'enter', title: text.settings.keyboard.enter }, { value: 'mod-enter', title: text.settings.keyboard.modEnter(isApple) }]}
    />
  )
}

export function NotificationsSection() {
  const notifications = useStore((state) => state.preferences.notifications)
  const { setNotifications } = useActions()
  return <Switch label={text.settings.notifications.label} about={text.settings.notifications.about} on={notifications} onChange={(on) => void setNotifications(on)} />
}

export function LanguageSection() {
  const language = useStore((state) => state.preferences.language)
  const { prefer } = useActions()
  return (
    <Choice
      label={text.settings.language.label}
      value={language}
      onChoose={(next) => prefer({ language: next })}
      options={[
        { value: 'system', title: text.theme.system },
        { value: 'en', title: text.settings.language.names.en, lang: 'en' },
        { value: 'ar', title: text.settings.language.names.ar, lang: 'ar' },
      ]}
    />
  )
}
