import { useEffect, useState } from 'react'

/** True once `now` has been true for `ms` without a break; false as soon as it is not. */
export function useLasting(now: boolean, ms: number): boolean {
  const [passed, setPassed] = useState(false)
  useEffect(() => {
    if (!now) return undefined
    const timer = setTimeout(() => setPassed(true), ms)
    return () => {
      clearTimeout(timer)
      setPassed(false)
    }
  }, [now, ms])
  return now && passed
}
