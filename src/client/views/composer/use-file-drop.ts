import { useEffect, useRef, useState } from 'react'
import { holdsFiles } from './pasted.ts'

/** Files that are dropped anywhere on the page; a browser would open them in its place. Answers whether some are dragged across it now. */
export function useFileDrop(onFiles: (files: readonly File[]) => void): boolean {
  const [over, setOver] = useState(false)
  const take = useRef(onFiles)
  useEffect(() => {
    take.current = onFiles
  })
  useEffect(() => {
    // Each element under the pointer is entered before the last one is left.
    let depth = 0
    const enter = (event: DragEvent) => {
      if (holdsFiles(event.dataTransfer) && depth++ === 0) setOver(true)
    }
    const leave = (event: DragEvent) => {
      if (holdsFiles(event.dataTransfer) && --depth <= 0) end()
    }
    const move = (event: DragEvent) => {
      if (holdsFiles(event.dataTransfer)) event.preventDefault()
    }
    const end = () => {
      depth = 0
      setOver(false)
    }
    const drop = (event: DragEvent) => {
      if (!holdsFiles(event.dataTransfer)) return
      event.preventDefault()
      end()
      take.current([...(event.dataTransfer?.files ?? [])])
    }
    const listeners = [['dragenter', enter], ['dragleave', leave], ['dragover', move], ['drop', drop]] as const
    for (const [name, listener] of listeners) window.addEventListener(name, listener)
    return () => {
      for (const [name, listener] of listeners) window.removeEventListener(name, listener)
    }
  }, [])
  return over
}
