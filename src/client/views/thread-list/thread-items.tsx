import { Archive, ArchiveRestore, FileJson, FileText, PencilLine, Pin, PinOff, Trash2 } from 'lucide-react'
import type { Thread } from '../../../shared/protocol.ts'
import { useActions } from '../../store/react.ts'
import { partsText } from '../parts-text.ts'
import { MenuItem, MenuLine } from '../ui/menu-items.tsx'
import { download } from '../ui/download.ts'

/** What can be done with a chat of the list. */
export function ThreadItems({ thread, onRename }: { readonly thread: Thread; readonly onRename: () => void }) {
  const actions = useActions()
  return (
    <>
      <MenuItem icon={thread.pinned ? <PinOff size={16} /> : <Pin size={16} />} onChoose={() => void actions.pin(thread.id, !thread.pinned)}>
        {thread.pinned ? partsText().chats.unpin : partsText().chats.pin}
      </MenuItem>
      <MenuItem icon={<PencilLine size={16} />} onChoose={onRename}>{partsText().chats.rename}</MenuItem>
      <MenuItem icon={thread.archived ? <ArchiveRestore size={16} /> : <Archive size={16} />} onChoose={() => void actions.archive(thread.id, !thread.archived)}>
        {thread.archived ? partsText().chats.unarchive : partsText().chats.archive}
      </MenuItem>
      <MenuItem icon={<FileText size={16} />} onChoose={() => download(`/api/threads/${thread.id}/export?format=md`)}>{partsText().chats.exportMarkdown}</MenuItem>
      <MenuItem icon={<FileJson size={16} />} onChoose={() => download(`/api/threads/${thread.id}/export?format=json`)}>{partsText().chats.exportJson}</MenuItem>
      <MenuLine />
      <MenuItem icon={<Trash2 size={16} />} danger onChoose={() => void actions.remove(thread.id)}>{partsText().chats.remove}</MenuItem>
    </>
  )
}
