import { ArrowUp, Paperclip, Square } from 'lucide-react'
import { lazy, Suspense, useEffect, useLayoutEffect, useRef } from 'react'
import type { KeyboardEvent } from 'react'
import type { ThreadId } from '../../../shared/ids.ts'
import { selectActivity, selectDraft } from '../../store/activity.ts'
import { selectChoice } from '../../store/choice.ts'
import { selectAttached } from '../../store/files.ts'
import { useActions, useStore } from '../../store/react.ts'
import { text } from '../text.ts'
import { IconButton } from '../ui/button.tsx'
import { isApple } from '../ui/is-apple.ts'
import { Tooltip } from '../ui/tooltip.tsx'
import { AgentPicker } from './agent-picker.tsx'
import styles from './composer.module.css'
import { sends } from './send-key.ts'
import { useAttaching } from './use-attaching.ts'

const Attachments = lazy(async () => ({ default: (await import('./attachments.tsx')).Attachments }))
const DropHint = lazy(async () => ({ default: (await import('./drop-hint.tsx')).DropHint }))

const sizesItself = typeof CSS !== 'undefined' && CSS.supports('field-sizing', 'content')

/** Who is written to: the model by its name, where there is one. */
function addressee(choice: ReturnType<typeof selectChoice>): string | null {
  if (choice === null) return null
  const { agent, model } = choice
  return agent.demo === true ? text.agent.theDemo : (agent.models.find((one) => one.id === model)?.title ?? agent.title)
}

/** Arrow-up in an empty field is Edit of the last message. Answers whether there is one. */
function editsLast({ shiftKey, ctrlKey, metaKey, altKey, isComposing }: globalThis.KeyboardEvent): boolean {
  if (shiftKey || ctrlKey || metaKey || altKey || isComposing) return false
  const edit = [...document.querySelectorAll<HTMLElement>('[data-edit]')].at(-1)
  edit?.click()
  return edit !== undefined
}

export function Composer({ thread }: { readonly thread: ThreadId | null }) {
  const actions = useActions()
  const draft = useStore((state) => selectDraft(state, thread))
  const activity = useStore((state) => selectActivity(state, thread))
  const agent = useStore((state) => addressee(selectChoice(state, thread)))
  const instead = useStore((state) => { const choice = selectChoice(state, thread); return choice?.gone === true ? choice.agent.title : null })
  const sendKey = useStore((state) => state.preferences.sendKey)
  const field = useRef<HTMLTextAreaElement>(null)
  const composedAt = useRef(Number.NEGATIVE_INFINITY)
  const picker = useRef<HTMLInputElement>(null)
  const attached = useStore((state) => selectAttached(state, thread).length)
  const deaf = useStore((state) => { const choice = selectChoice(state, thread); return choice?.agent.can.files === false ? choice.agent.title : null })
  const attaching = useAttaching(thread, field)
  const blank = draft.trim() === '' && attached === 0
  const held = blank || (attached > 0 && deaf !== null)
  const busy = activity !== 'idle'
  const stops = busy && draft === '' && attached === 0

  useEffect(() => {
    // On a touch screen focus would raise the keyboard over what one came to read; and who was led to a message by a link reads on from there.
    if (matchMedia('(pointer: fine)').matches && document.activeElement?.matches('[data-message]') !== true) field.current?.focus({ preventScroll: true })
  }, [thread])
  useLayoutEffect(() => {
    if (sizesItself || field.current === null) return
    field.current.style.height = 'auto'
    field.current.style.height = `${field.current.scrollHeight}px`
  }, [draft])

  const send = () => {
    if (held) return
    actions.send(thread, draft)
    field.current?.focus({ preventScroll: true })
  }
  const key = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    const { key: name, shiftKey, ctrlKey, metaKey, altKey, keyCode, nativeEvent } = event
    const pressed = { key: name, shiftKey, ctrlKey, metaKey, altKey, keyCode, isComposing: nativeEvent.isComposing }
    if (name === 'ArrowUp' && draft === '' && editsLast(nativeEvent)) return event.preventDefault()
    if (!sends(pressed, performance.now() - composedAt.current, sendKey)) return
    event.preventDefault()
    send()
  }
  return (
    <form
      className={styles.composer}
      aria-label={text.composer.region}
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      {instead !== null && <p className={styles.gone} role="status">{text.settings.agentGone(instead)}</p>}
      {attaching.over && <Suspense fallback={null}><DropHint /></Suspense>}
      <div className={styles.box}>
        {(attached > 0 || attaching.refused.length > 0) && (
          <Suspense fallback={null}>
            <Attachments thread={thread} refused={attaching.refused} onSeen={attaching.seen} deaf={deaf} onInsert={attaching.insert} />
          </Suspense>
        )}
        <textarea
          ref={field}
          id="message"
          className={styles.field}
          aria-label={text.composer.label}
          placeholder={text.composer.placeholder(agent)}
          rows={1}
          dir="auto"
          enterKeyHint={sendKey === 'enter' ? 'send' : 'enter'}
          autoComplete="off"
          value={draft}
          onChange={(event) => actions.setDraft(thread, event.target.value)}
          onKeyDown={key}
          onCompositionEnd={() => {
            composedAt.current = performance.now()
          }}
        />
        <div className={styles.row}>
          <input
            ref={picker}
            id="attach"
            type="file"
            multiple
            hidden
            onChange={({ currentTarget }) => {
              attaching.attach([...(currentTarget.files ?? [])])
              currentTarget.value = '' // the same file may be chosen again
              field.current?.focus({ preventScroll: true })
            }}
          />
          <IconButton side="top" label={text.files.attach} onClick={() => picker.current?.click()}><Paperclip size={17} /></IconButton>
          <AgentPicker thread={thread} />
          {stops ? (
            <Tooltip text={activity === 'stopping' ? text.composer.stopping : text.composer.stop} keys="Esc" side="top">
              <button
                type="button"
                className={styles.stop}
                aria-label={text.composer.stop}
                data-stopping={activity === 'stopping' || undefined}
                onClick={() => {
                  if (thread !== null) actions.stop(thread)
                  field.current?.focus({ preventScroll: true })
                }}
              >
                <Square size={13} fill="currentColor" />
              </button>
            </Tooltip>
          ) : (
            <button type="submit" className={styles.send} aria-label={text.composer.send} disabled={held}><ArrowUp size={18} /></button>
          )}
        </div>
      </div>
      <p className={styles.hint}>{busy ? (stops ? text.composer.hintRunning : text.composer.hintBusy) : text.composer.hint(sendKey === 'enter', isApple)}</p>
    </form>
  )
}
