/**
 * Everything that can be done by a key or from the palette, in one table. To add something: a line here with its words in the catalogue.
 * `run` is null where the keys belong to the part of the page that has the focus; then the line only tells of them.
 */
import type { ThreadId } from '../../../shared/ids.ts'
import { selectContent } from '../../store/content.ts'
import { selectThreadList } from '../../store/thread-list.ts'
import type { Actions, State } from '../../store/state.ts'
import { isApple } from '../ui/is-apple.ts'
import { caps } from './keys.ts'
import type { CommandId } from './titles.ts'

export interface CommandContext {
  readonly state: State
  readonly actions: Actions
  /** What lies over the page: one at a time. */
  readonly show: (over: Over) => void
  readonly toggleSidebar: () => void
}

export type Over = 'palette' | 'shortcuts' | 'find' | 'branches' | 'outline'

export interface Command {
  readonly id: CommandId
  readonly group: 'chats' | 'page' | 'writing'
  readonly keys?: string
  readonly run: ((context: CommandContext) => void) | null
  /** Where the keys are left to the browser. */
  readonly leavesKeys?: (context: CommandContext) => boolean
  /** Left out of the palette: it opens the palette itself, or makes no sense from there. */
  readonly keysOnly?: boolean
}

export const commands: readonly Command[] = [
  { id: 'palette', group: 'page', keys: 'mod+k', keysOnly: true, run: ({ show }) => show('palette') },
  { id: 'shortcuts', group: 'page', keys: '?', run: ({ show }) => show('shortcuts') },
  { id: 'sidebar', group: 'page', keys: 'mod+b', run: ({ toggleSidebar }) => toggleSidebar() },
  { id: 'new-chat', group: 'chats', keys: 'mod+shift+o', run: ({ actions }) => { actions.openThread(null); focusMessage() } },
  { id: 'newer-chat', group: 'chats', keys: 'alt+arrowup', keysOnly: true, run: (context) => openNeighbour(context, -1) },
  { id: 'older-chat', group: 'chats', keys: 'alt+arrowdown', keysOnly: true, run: (context) => openNeighbour(context, 1) },
  { id: 'next-waiting', group: 'chats', keys: 'alt+n', run: openNews },
  { id: 'find', group: 'chats', keys: 'mod+f', leavesKeys: isWhole, run: ({ show }) => show('find') },
  { id: 'outline', group: 'chats', keys: 'mod+shift+l', run: ({ state, show }) => { if (state.current !== null) show('outline') } },
  { id: 'branches', group: 'chats', run: ({ show }) => show('branches') },
  { id: 'write', group: 'writing', keys: '/', run: focusMessage },
  { id: 'send', group: 'writing', keys: 'enter', run: null },
  { id: 'new-line', group: 'writing', keys: 'shift+enter', run: null },
  { id: 'attach', group: 'writing', run: () => document.getElementById('attach')?.click() },
  { id: 'stop', group: 'writing', keys: 'escape', run: null },
  { id: 'light', group: 'page', run: ({ actions }) => actions.prefer({ theme: 'light' }) },
  { id: 'dark', group: 'page', run: ({ actions }) => actions.prefer({ theme: 'dark' }) },
  { id: 'system', group: 'page', run: ({ actions }) => actions.prefer({ theme: 'system' }) },
  { id: 'notify', group: 'page', run: ({ actions }) => void actions.setNotifications(true) },
  { id: 'notify-off', group: 'page', run: ({ actions }) => void actions.setNotifications(false) },
]

/** The keys of a command as a tooltip shows them. */
export function keysOf(id: string): string | undefined {
  const keys = commands.find((one) => one.id === id)?.keys
  return keys === undefined ? undefined : caps(keys, isApple).join(isApple ? '' : ' + ')
}

/** Whether it would change anything now. */
export function makesSense({ id }: Command, state: State): boolean {
  if (id === 'find' || id === 'outline' || id === 'branches') return state.current !== null
  if (id === 'notify') return !state.preferences.notifications
  if (id === 'notify-off') return state.preferences.notifications
  return id !== state.preferences.theme
}

/** The browser itself finds what is on the page; and pressed once more, where ours is open already, its keys are the browser's. */
function isWhole({ state }: CommandContext): boolean {
  const content = selectContent(state, state.current)
  if (content === null || document.querySelector('[data-find]:focus-within') !== null) return true
  return content.before === null && content.past === null && document.querySelector('[data-thread] [data-space]') === null
}

function focusMessage(): void {
  // After whatever lies over the page has gone and given the focus back.
  requestAnimationFrame(() => document.getElementById('message')?.focus())
}

function openNeighbour({ state, actions }: CommandContext, step: 1 | -1): void {
  const threads = selectThreadList(state)
  const at = threads.findIndex((thread) => thread.id === state.current)
  const next = threads[at === -1 ? 0 : at + step]
  if (next !== undefined) actions.openThread(next.id)
}

/** The next thread that waits for somebody, else one with an unseen answer. */
function openNews({ state, actions }: CommandContext): void {
  const threads = selectThreadList(state).filter((thread) => thread.id !== state.current)
  const next: ThreadId | undefined = (threads.find((thread) => thread.activeRun?.waiting === true) ?? threads.find((thread) => thread.unread))?.id
  if (next !== undefined) actions.openThread(next)
}
