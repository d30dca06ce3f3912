import { Ellipsis, List, Network, Search } from 'lucide-react'
import type { Over } from '../commands/commands.ts'
import { text } from '../text.ts'
import { IconButton } from '../ui/button.tsx'
import { Menu, MenuItem } from '../ui/menu.tsx'

/** What can be called up for the chat in view. */
export function ThreadMenu({ show }: { readonly show: (over: Over) => void }) {
  return (
    <Menu align="end" trigger={<IconButton label={text.thread.menu}><Ellipsis size={18} /></IconButton>}>
      <MenuItem icon={<List size={16} />} onChoose={() => show('outline')}>{text.outline.label}</MenuItem>
      <MenuItem icon={<Network size={16} />} onChoose={() => show('branches')}>{text.branches.open}</MenuItem>
      <MenuItem icon={<Search size={16} />} onChoose={() => show('find')}>{text.find.label}</MenuItem>
    </Menu>
  )
}
