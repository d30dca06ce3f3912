import { useEffect } from 'react'
import type { FileId } from '../../../shared/ids.ts'
import { useStore } from '../../store/react.ts'

/** Where the server gives a file out. */
export function fileUrl(file: FileId): string {
  return `/api/files/${file}`
}

/** One address for the same bytes, for as long as a part of the page shows them. */
const made = new WeakMap<Blob, { readonly url: string; users: number }>()

function urlOf(bytes: Blob) {
  const held = made.get(bytes) ?? { url: URL.createObjectURL(bytes), users: 0 }
  made.set(bytes, held)
  return held
}

/** The address of a picture: of its bytes where this page still holds them, else of the server. */
export function useFileUrl(file: FileId): string {
  const bytes = useStore((state) => state.uploads[file]?.bytes ?? null)
  useEffect(() => {
    if (bytes === null) return undefined
    const held = urlOf(bytes)
    held.users++
    return () => {
      held.users--
      // Unless another part takes it over in the same step.
      queueMicrotask(() => {
        if (held.users > 0) return
        URL.revokeObjectURL(held.url)
        made.delete(bytes)
      })
    }
  }, [bytes])
  return bytes === null ? fileUrl(file) : urlOf(bytes).url
}
