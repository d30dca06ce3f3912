import { ArrowDown, ArrowUp, GripVertical, Navigation, Paperclip, Pause, Pencil, SendHorizontal, X } from 'lucide-react'
import { useState } from 'react'
import type { DragEvent } from 'react'
import type { MessageId, ThreadId } from '../../../shared/ids.ts'
import { selectActivity, selectQueue } from '../../store/activity.ts'
import { selectThread } from '../../store/thread-list.ts'
import type { ShownQueued } from '../../store/activity.ts'
import { useActions, useStore } from '../../store/react.ts'
import { InPlaceEditor } from '../message/in-place-editor.tsx'
import { partsText } from '../parts-text.ts'
import { text } from '../text.ts'
import { Button, IconButton } from '../ui/button.tsx'
import styles from './queue.module.css'

/** The messages that wait for the answer under way, above the field that they came from. */
export function QueueList({ thread }: { readonly thread: ThreadId }) {
  const actions = useActions()
  const waiting = useStore((state) => selectQueue(state, thread))
  const paused = useStore((state) => selectThread(state, thread)?.queue.paused ?? null)
  const busy = useStore((state) => selectActivity(state, thread) !== 'idle')
  const steers = useStore((state) => {
    const active = selectThread(state, thread)?.activeRun
    return state.agents?.agents.find((agent) => agent.id === active?.agent)?.can.steer === true
  })
  const [dragged, setDragged] = useState<MessageId | null>(null)
  const [over, setOver] = useState<MessageId | null>(null)
  if (waiting.length === 0) return null
  const drop = (before: MessageId) => {
    if (dragged !== null && dragged !== before) void actions.queue.move(thread, dragged, placeBehind(waiting, dragged, before))
    setDragged(null)
    setOver(null)
  }
  return (
    <section className={styles.queue} aria-label={partsText().queue.label} data-queue={paused === null ? 'going' : 'paused'}>
      <header className={styles.head}>
        {paused !== null && <Pause size={14} />}
        <p>{paused === null ? partsText().queue.title(waiting.length) : partsText().queue.paused[paused]}</p>
        {paused !== null && !busy && <Button small onClick={() => void actions.queue.resume(thread)}>{partsText().queue.resume}</Button>}
      </header>
      <ol className={styles.list}>
        {waiting.map((message, index) => (
          <Item
            key={message.id}
            thread={thread}
            message={message}
            above={index === 0 ? null : (waiting[index - 1]?.id ?? null)}
            below={index === waiting.length - 1 ? undefined : (waiting[index + 2]?.id ?? null)}
            steers={steers && busy}
            over={over === message.id && dragged !== message.id}
            drag={{
              onDragStart: (event) => {
                event.dataTransfer.effectAllowed = 'move'
                event.dataTransfer.setData('text/plain', plainOf(message))
                setDragged(message.id)
              },
              onDragOver: (event) => {
                if (dragged === null) return
                event.preventDefault()
                setOver(message.id)
              },
              onDrop: (event) => {
                event.preventDefault()
                drop(message.id)
              },
              onDragEnd: () => {
                setDragged(null)
                setOver(null)
              },
            }}
          />
        ))}
      </ol>
    </section>
  )
}

/** Dropped on one above it goes in front of that, on one below behind it. */
function placeBehind(waiting: readonly ShownQueued[], dragged: MessageId, target: MessageId): MessageId | null {
  const [from, to] = [waiting.findIndex(({ id }) => id === dragged), waiting.findIndex(({ id }) => id === target)]
  return from < to ? (waiting[to + 1]?.id ?? null) : target
}

function plainOf({ parts }: ShownQueued): string {
  return parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n\n')
}

interface ItemProps {
  readonly thread: ThreadId
  readonly message: ShownQueued
  /** The one above; null: this is the first. */
  readonly above: MessageId | null
  /** The one behind the next; null: the end; undefined: this is the last. */
  readonly below: MessageId | null | undefined
  readonly steers: boolean
  readonly over: boolean
  readonly drag: Record<'onDragStart' | 'onDragOver' | 'onDrop', (event: DragEvent) => void> & { readonly onDragEnd: () => void }
}

function Item({ thread, message, above, below, steers, over, drag }: ItemProps) {
  const { queue } = useActions()
  const [editing, setEditing] = useState(false)
  const { id, state } = message
  const said = plainOf(message)
  const files = message.parts.filter((part) => part.kind === 'file')
  const settled = state !== 'sending'
  if (editing) {
    return (
      <li className={styles.item} data-queued={id}>
        <InPlaceEditor
          label={partsText().queue.editLabel}
          said={said}
          send={partsText().queue.save}
          mayBeBlank={files.length > 0}
          cancel={partsText().queue.cancel}
          onSend={(next) => {
            setEditing(false)
            if (next !== said) void queue.edit(thread, id, next)
          }}
          onCancel={() => setEditing(false)}
        />
      </li>
    )
  }
  return (
    <li className={styles.item} data-queued={id} data-state={state} data-over={over || undefined} draggable={settled} {...drag}>
      <GripVertical size={15} className={styles.grip} />
      <div className={styles.words}>
        {said !== '' && <p dir="auto" className={styles.said}>{said}</p>}
        {files.length > 0 && <p className={styles.files} aria-label={text.files.label}><Paperclip size={13} />{files.map((file) => <bdi key={file.file}>{file.name}</bdi>)}</p>}
        {state !== 'waiting' && <p className={styles.state}>{partsText().queue.state[state]}</p>}
      </div>
      {settled && (
        <div className={styles.buttons}>
          {steers && state === 'waiting' && <IconButton small side="top" label={partsText().queue.steer} onClick={() => void queue.steer(thread, id)}><Navigation size={15} /></IconButton>}
          {state !== 'next' && <IconButton small side="top" label={partsText().queue.sendNow} onClick={() => void queue.sendNow(thread, id)}><SendHorizontal size={15} /></IconButton>}
          {above !== null && <IconButton small side="top" label={partsText().queue.up} onClick={() => void queue.move(thread, id, above)}><ArrowUp size={15} /></IconButton>}
          {below !== undefined && <IconButton small side="top" label={partsText().queue.down} onClick={() => void queue.move(thread, id, below)}><ArrowDown size={15} /></IconButton>}
          <IconButton small side="top" label={partsText().queue.edit} onClick={() => setEditing(true)}><Pencil size={14} /></IconButton>
          <IconButton small side="top" label={partsText().queue.remove} onClick={() => void queue.remove(thread, id)}><X size={15} /></IconButton>
        </div>
      )}
    </li>
  )
}
