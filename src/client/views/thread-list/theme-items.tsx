import { useActions, useStore } from '../../store/react.ts'
import { text } from '../text.ts'
import { MenuChoice } from '../ui/menu-items.tsx'
import { themeIcons } from './theme-icons.ts'

export function ThemeItems() {
  const theme = useStore((state) => state.preferences.theme)
  const actions = useActions()
  return (
    <MenuChoice
      label={text.theme.label}
      value={theme}
      onChoose={(next) => actions.prefer({ theme: next })}
      options={(['light', 'dark', 'system'] as const).map((value) => {
        const Each = themeIcons[value]
        return { value, title: text.theme[value], icon: <Each size={16} /> }
      })}
    />
  )
}
