import { List, Network, Search } from 'lucide-react'
import type { Over } from '../commands/commands.ts'
import { text } from '../text.ts'
import { MenuItem } from '../ui/menu-items.tsx'

export function ThreadMenuItems({ show }: { readonly show: (over: Over) => void }) {
  return (
    <>
      <MenuItem icon={<List size={16} />} onChoose={() => show('outline')}>{text.outline.label}</MenuItem>
      <MenuItem icon={<Network size={16} />} onChoose={() => show('branches')}>{text.branches.open}</MenuItem>
      <MenuItem icon={<Search size={16} />} onChoose={() => show('find')}>{text.find.label}</MenuItem>
    </>
  )
}
