import { Link } from 'lucide-react'
import { pathOf } from '../../../shared/address.ts'
import type { MessageId, ThreadId } from '../../../shared/ids.ts'
import { text } from '../text.ts'
import { CopyButton } from '../ui/copy-button.tsx'

/** Copies the address under which a message is found. */
export function CopyLink({ thread, message }: { readonly thread: ThreadId; readonly message: MessageId }) {
  return <CopyButton label={text.message.copyLink} icon={<Link size={14} />} take={() => location.origin + pathOf(thread, message)} />
}
