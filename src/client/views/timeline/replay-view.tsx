import { Pause, Play } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { ThreadId } from '../../../shared/ids.ts'
import { AssistantMessage } from '../message/assistant-message.tsx'
import { partsText } from '../parts-text.ts'
import { duration } from '../text.ts'
import { Button } from '../ui/button.tsx'
import { createReplay } from './replay.ts'
import type { Replay } from './replay.ts'
import styles from './timeline.module.css'
import type { Journal } from './use-journal.ts'

const speeds = [1, 4, 16] as const

interface ReplayViewProps {
  readonly thread: ThreadId
  readonly journal: Journal
}

/** A finished run, to be gone through again: drawn by the one fold and the ordinary message view. */
export function ReplayView({ thread, journal }: ReplayViewProps) {
  const replay = useMemo(() => (journal.kind === 'ready' ? createReplay(journal.events) : null), [journal])
  if (journal.kind === 'error') return <p className={styles.none} role="alert">{partsText().timeline.journalFailed(journal.message)}</p>
  if (journal.kind === 'loading') return <p className={styles.none}>{partsText().timeline.loading}</p>
  if (replay === null) return <p className={styles.none}>{partsText().timeline.folded}</p>
  return <Player thread={thread} replay={replay} />
}

function Player({ thread, replay }: { readonly thread: ThreadId; readonly replay: Replay }) {
  const [count, setCount] = useState(replay.length)
  const [playing, setPlaying] = useState(false)
  const [speed, setSpeed] = useState<(typeof speeds)[number]>(1)

  const place = useRef(count)
  const running = playing && count < replay.length
  useEffect(() => {
    place.current = count
  })
  useEffect(() => {
    if (!running) return undefined
    let time = replay.timeOf(place.current)
    let last: number | null = null
    const step = (at: number) => {
      time += last === null ? 0 : (at - last) * speed
      last = at
      setCount(Math.max(place.current, replay.countAt(time)))
      frame = requestAnimationFrame(step)
    }
    let frame = requestAnimationFrame(step)
    return () => cancelAnimationFrame(frame)
  }, [running, speed, replay])

  const transcript = useMemo(() => replay.at(count), [replay, count])
  const replies = transcript?.messages.slice(1) ?? []
  const nested = replies.filter((reply) => reply.parent !== undefined)
  const where = partsText().timeline.moment(replay.timeOf(count) - replay.from, replay.to - replay.from)
  const toggle = () => {
    if (!running && count >= replay.length) setCount(0)
    setPlaying(!running)
  }
  return (
    <section className={styles.replay} aria-label={partsText().timeline.replay}>
      <div className={styles.controls}>
        <Button small onClick={toggle}>{running ? <Pause size={15} /> : <Play size={15} />}{running ? partsText().timeline.pause : partsText().timeline.play}</Button>
        <input
          type="range"
          className={styles.slider}
          min={0}
          max={replay.length}
          value={count}
          aria-label={partsText().timeline.position}
          aria-valuetext={where}
          onChange={(event) => {
            setPlaying(false)
            setCount(Number(event.target.value))
          }}
        />
        <span className={styles.where}>{duration(replay.timeOf(count) - replay.from)}</span>
        <div role="group" className={styles.speeds} aria-label={partsText().timeline.speed}>
          {speeds.map((one) => <button key={one} type="button" aria-pressed={one === speed} onClick={() => setSpeed(one)}>{partsText().timeline.times(one)}</button>)}
        </div>
      </div>
      {/* Shown, not used: an approval that was asked for then can not be answered here. */}
      <div className={styles.stage} data-replay="" tabIndex={0} role="region" aria-label={partsText().timeline.shown}>
        <div inert>
          {replies.filter((reply) => reply.parent === undefined).map((reply) => <AssistantMessage key={reply.id} thread={thread} message={reply} nested={nested} run={null} />)}
          {replies.length === 0 && <p className={styles.none}>{partsText().timeline.nothingYet}</p>}
        </div>
      </div>
    </section>
  )
}
