import { useEffect, useState } from 'react'

/** What a question came to; null until it has been answered. The promise must not reject, and must stay the same one while its answer is wanted. */
export function useAnswer<T>(asked: Promise<T>): T | null {
  const [answer, setAnswer] = useState<{ readonly to: Promise<T>; readonly value: T } | null>(null)
  useEffect(() => {
    let here = true
    void asked.then((value) => {
      if (here) setAnswer({ to: asked, value })
    })
    return () => {
      here = false
    }
  }, [asked])
  return answer?.to === asked ? answer.value : null
}
