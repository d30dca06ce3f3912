import { Ellipsis } from 'lucide-react'
import type { Over } from '../commands/commands.ts'
import { text } from '../text.ts'
import { IconButton } from '../ui/button.tsx'
import { Menu } from '../ui/menu.tsx'
import { onDemand } from '../ui/on-demand.ts'

const items = onDemand(async () => (await import('./thread-menu-items.tsx')).ThreadMenuItems)

/** What can be called up for the chat in view. */
export function ThreadMenu({ show }: { readonly show: (over: Over) => void }) {
  return <Menu items={items} align="end" trigger={<IconButton label={text.thread.menu}><Ellipsis size={18} /></IconButton>}>{(Items) => <Items show={show} />}</Menu>
}
