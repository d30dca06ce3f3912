import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { ReactNode } from 'react'
import { copyText } from './copy-text.ts'
import { IconButton } from './button.tsx'
import { text } from '../text.ts'

const SHOWN_MS = 1600

/** Copies what `take` gives at the moment of the press, and says so for a moment. */
export function CopyButton({ label, take, icon, small = true }: { readonly label: string; readonly take: () => string; readonly icon?: ReactNode; readonly small?: boolean }) {
  const [copied, setCopied] = useState<'no' | 'yes' | 'refused'>('no')
  useEffect(() => {
    if (copied === 'no') return undefined
    const timer = setTimeout(() => setCopied('no'), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [copied])
  const press = () => {
    void copyText(take()).then((done) => setCopied(done ? 'yes' : 'refused'))
  }
  const said = copied === 'yes' ? text.message.copied : copied === 'refused' ? text.message.copyFailed : label
  return (
    <IconButton label={said} small={small} onClick={press}>
      {copied === 'yes' ? <Check size={15} /> : (icon ?? <Copy size={15} />)}
    </IconButton>
  )
}
