import { List, Network, Search } from 'lucide-react'
import type { Over } from '../commands/commands.ts'
import { partsText } from '../parts-text.ts'
import { MenuItem } from '../ui/menu-items.tsx'

export function ThreadMenuItems({ show }: { readonly show: (over: Over) => void }) {
  return (
    <>
      <MenuItem icon={<List size={16} />} onChoose={() => show('outline')}>{partsText().outline.label}</MenuItem>
      <MenuItem icon={<Network size={16} />} onChoose={() => show('branches')}>{partsText().branches.open}</MenuItem>
      <MenuItem icon={<Search size={16} />} onChoose={() => show('find')}>{partsText().find.label}</MenuItem>
    </>
  )
}
