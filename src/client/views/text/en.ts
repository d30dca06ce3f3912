/**
 * Every text that a person reads, in English. This catalogue is the type of all others: a key that is missing in one does not compile.
 * To add a text: a key here and in `ar.ts`, used in a view as `text.part.key` (from `../text.ts`) when it draws, never at module level.
 * A text with a value in it is a function; numbers, dates, plurals and durations go through `f`.
 */
import { LARGEST_FILE_BYTES } from '../../../shared/files.ts'
import { MOST_FILES } from '../../../shared/protocol.ts'
import type { Notice, Why } from '../../../shared/protocol.ts'
import { actionsInEnglish } from './actions-en.ts'
import { createFormats, joined, plainEnglish } from './formats.ts'
import type { PartsText } from './parts-en.ts'
import type { SettingsText } from './settings-en.ts'

const f = createFormats('en', { second: (count) => `${count} s`, minute: (count) => `${count} min`, hour: (count) => `${count} h` }, plainEnglish)

/** Size of a text in characters: `820 characters`, `12.4K characters`. */
const characters = (count: number) => f.shortPlural(count, { one: '# character', other: '# characters' })

export const en = {
  direction: 'ltr' as 'ltr' | 'rtl',
  format: f,
  characters,
  name: 'Holdfast',
  skipToMessage: 'Skip to the message field',
  chats: {
    label: 'Chats',
    panel: 'Sidebar',
    newChat: 'New chat',
    show: 'Show chats',
    hide: 'Hide chats',
    today: 'Today',
    yesterday: 'Yesterday',
    week: 'Previous 7 days',
    pinned: 'Pinned',
    month: f.month,
    running: 'answering',
    unread: 'new answer',
    waiting: 'waiting for you',
    untitled: 'New chat',
    options: (title: string) => `Options for “${title}”`,
    renameLabel: 'New title',
    archived: 'Archived',
    loading: 'Loading chats',
    empty: 'Your chats will be kept here.',
    failed: 'Your chats could not be loaded.',
    tryAgain: 'Try again',
    more: 'Show older chats',
  },
  search: {
    label: 'Search chats',
    placeholder: 'Search',
    clear: 'Clear search',
    busy: 'Searching…',
    nothing: (query: string) => `Nothing found for “${query}”.`,
    count: (count: number) => f.plural(count, { one: '# chat found', other: '# chats found' }),
  },
  theme: { label: 'Appearance', light: 'Light', dark: 'Dark', system: 'Same as device' },
  thread: {
    label: 'Conversation',
    loading: 'Loading the conversation',
    notFound: 'Chat not found',
    missing: 'This chat does not exist, or was deleted.',
    missingRemedy: 'Start a new one, or choose another from the list.',
    failed: 'This conversation could not be loaded.',
    tryAgain: 'Try again',
    older: 'Show older messages',
    loadingOlder: 'Loading older messages…',
    jump: 'Jump to latest',
    between: 'Loading messages…',
    menu: 'Chat menu',
  },
  message: {
    you: 'You',
    copy: 'Copy',
    copyLink: 'Copy link',
    copied: 'Copied',
    copyFailed: 'Copying was refused by the browser. Select the text and copy it with the keyboard.',
    more: 'Show the whole message',
    less: 'Show less',
    sending: 'Sending…',
    notSent: 'Not sent.',
    waiting: 'Waiting to be sent.',
    damaged: 'This message is damaged on the server’s disk and cannot be read. A backup may still hold it.',
    waitingDetail: 'It goes out by itself as soon as the server can be reached.',
    retry: 'Retry',
    discard: 'Delete',
    edit: 'Edit',
    editLabel: 'Edit the message',
    editSend: 'Send',
    editCancel: 'Cancel',
    again: 'Answer again',
    goOn: 'Continue',
    wentOn: 'Continued',
    branch: 'Copy the chat up to here',
    versions: (index: number, count: number) => `Version ${index} of ${count}`,
    answers: (index: number, count: number) => `Answer ${index} of ${count}`,
    previous: 'Previous',
    next: 'Next',
    place: (index: number, count: number) => `${f.number(index)} / ${f.number(count)}`,
    stopped: 'Stopped',
    interrupted: 'The server lost this answer',
    interruptedDetail: 'Everything you saw is kept. The agent did not finish.',
    failed: 'The answer failed',
    /** Why, by `RunError.code`; agents speak English. */
    cause: (_code: string, message: string) => message,
    /** What an agent told while it worked. */
    notice: (notice: Notice) => notice.text,
    unsaved: 'Not yet saved by the server. It stays here until it is.',
    lostLogin: 'You are signed out, so this answer no longer updates.',
    lostRefused: 'The server no longer gives this answer.',
  },
  thinking: {
    live: 'Thinking',
    done: (ms: number) => `Thought for ${f.duration(ms)}`,
    stopped: (ms: number) => `Thought for ${f.duration(ms)}, then stopped`,
  },
  tool: {
    preparing: 'Preparing',
    running: 'Running',
    waiting: 'Waiting for you',
    done: 'Done',
    failed: 'Failed',
    stopped: 'Stopped',
    unknown: 'Outcome unknown',
    denied: 'Denied',
    input: 'Input',
    output: 'Output',
    error: 'Error',
    noOutput: 'No output',
    mayHaveRun: 'It was called, and no result came back. It may have taken effect.',
    copyInput: 'Copy input',
    copyOutput: 'Copy output',
    showAll: (length: number) => `Show all ${characters(length)}`,
    showLess: 'Show less',
  },
  files: {
    label: 'Attached files',
    attach: 'Attach files',
    size: f.bytes,
    uploading: (share: number) => `Uploading, ${f.percent(share)}`,
    /** The name of a pasted text as a file. */
    pastedName: (count: number) => (count === 1 ? 'Pasted text.txt' : `Pasted text ${count}.txt`),
    openPicture: (name: string) => `Picture ${name}, open it`,
    download: (name: string, size: number) => `Save ${name}, ${f.bytes(size)}`,
    gone: 'Not on the server any more',
    refused: {
      'too-large': (name: string) => `${name} is larger than ${f.bytes(LARGEST_FILE_BYTES)}. Choose a smaller file.`,
      'too-many': (name: string) => `${name} was left out: a message takes ${f.plural(MOST_FILES, { one: '# file', other: '# files' })} at most.`,
      unreadable: (name: string) => `${name} could not be read. A folder cannot be attached; a file may have been moved.`,
    },
  },
  usage: {
    timeline: 'Timeline',
    showTimeline: (brief: string) => `${brief}. Show the timeline`,
    /** `7 s · 470 tokens`: what an answer took, at a glance. */
    brief: (took: string, outTokens: number | undefined, dollars: number | undefined) =>
      joined([took, outTokens ? f.plural(outTokens, { one: '# token', other: '# tokens' }) : null, dollars === undefined ? null : f.money(dollars)]),
    /** The rest, for who asks. */
    detail: (inTokens: number | undefined, reasoningTokens: number | undefined, toolCalls: number, model: string | null) =>
      joined([
        inTokens === undefined ? null : f.plural(inTokens, { one: '# token read', other: '# tokens read' }),
        reasoningTokens ? f.plural(reasoningTokens, { one: '# thinking token', other: '# thinking tokens' }) : null,
        toolCalls === 0 ? null : f.plural(toolCalls, { one: '# tool call', other: '# tool calls' }),
        model,
      ]),
  },
  composer: {
    label: 'Message',
    placeholder: (agent: string | null) => (agent === null ? 'Write a message' : `Message ${agent}`),
    send: 'Send',
    stop: 'Stop',
    stopping: 'Stopping…',
    hint: (enterSends: boolean, apple: boolean) => (enterSends ? 'Enter to send, Shift + Enter for a new line' : `${apple ? '⌘' : 'Ctrl'} + Enter to send, Enter for a new line`),
    hintRunning: 'Esc to stop',
    hintBusy: 'Enter to send it after this answer, Esc to stop the answer',
    region: 'Write',
  },
  agent: {
    choose: (title: string) => `Agent: ${title}`,
    heading: 'Agents',
    models: 'Models',
    demo: 'Demo',
    theDemo: 'the demo agent',
    /** A demo must be labelled as one, once. */
    saysDemo: (title: string) => /\bdemo\b/i.test(title),
    notReady: 'Not ready',
    missing: (_why: Why | undefined, detail: string) => detail,
    loading: 'Looking for agents…',
    none: 'No agent',
  },
  welcome: {
    greeting: 'What shall we work on?',
    demo: 'You are talking to the built-in demo agent.',
    demoDetail: 'It needs no key and shows what Holdfast can do. To plug in a real one, start the server with',
    demoVariables: ['OPENAI_BASE_URL', 'OPENAI_API_KEY', 'OPENAI_MODEL'],
    neutral: 'Refresh, switch chats or lose the network: what you have seen stays.',
    suggestions: 'Suggestions',
    /** `says` is what is sent: the demo understands English. */
    forDemo: [
      { title: 'Show me every kind of markdown', says: 'Show me every kind of markdown', about: 'Tables, code, lists, quotes, live' },
      { title: 'Use your tools: what is (12.5*7)^2?', says: 'Use your tools: what is (12.5*7)^2?', about: 'Tool calls with input and output' },
      { title: 'Ask me for approval', says: 'Ask me for approval', about: 'The agent waits for your decision' },
      { title: 'Think, then answer slowly', says: 'Think, then answer slowly', about: 'Refresh in the middle: nothing is lost' },
    ],
    /** `says` begins the message. */
    neutralSuggestions: [
      { title: 'Explain a hard idea simply', says: 'Explain a hard idea simply: ', about: 'Pick one you half understand' },
      { title: 'Help me plan my week', says: 'Help me plan my week: ', about: 'Start from what must not slip' },
      { title: 'Review a piece of writing', says: 'Review a piece of writing: ', about: 'Paste it below' },
      { title: 'Compare two options in a table', says: 'Compare two options in a table: ', about: 'With the trade-offs named' },
    ],
  },
  settings: { label: 'Settings', agentGone: (title: string) => `The agent of this chat is gone. ${title} answers instead.` },
  /** The rest of them; null: the settings bring it along. */
  inSettings: null as SettingsText | null,
  /** Those of other parts that are fetched when they are wanted; null: these bring them along. */
  inParts: null as PartsText | null,
  connection: {
    reconnecting: 'Reconnecting…',
    offline: 'The server does not answer. Trying again…',
    loggedOut: 'You are signed out, or something in between asks for a login.',
    logIn: 'Sign in',
    held: {
      'disk-full': 'The server’s disk is full. The answer goes on when there is room.',
      store: 'The server cannot save just now. The answer goes on when it can.',
    },
    generating: 'Generating',
    done: (answer: string) => `Answer: ${answer}`,
    stopped: 'Stopped.',
    failed: (cause: string) => `The answer failed: ${cause}`,
    approval: (question: string) => `Your decision is needed: ${question}`,
  },
  actions: actionsInEnglish(f),
  attention: {
    /** The page's title in the browser's tab. */
    title: (count: number, title: string) => (count === 0 ? title : `(${f.number(count)}) ${title}`),
    done: 'The answer is ready.',
    waiting: 'Waiting for you.',
  },
  version: { offer: 'A new version is ready.', reload: 'Reload', partMissing: 'A part of the page could not be loaded. Check the connection, then try again.' },
  toast: { region: 'Notifications', dismiss: 'Dismiss' },
  code: { copy: 'Copy', copied: 'Copied', copyLabel: 'Copy code', plain: 'text', wrap: 'Wrap long lines' },
  maths: { copy: 'Copy formula' },
  image: {
    show: (alt: string, host: string) => (alt === '' ? `Show image (${host})` : `Show image “${alt}” (${host})`),
    failed: 'The image did not load.',
    blocked: (alt: string) => (alt === '' ? 'Image without an address' : `Image: ${alt}`),
  },
  table: { label: 'Table' },
  link: { goesTo: (host: string) => `Goes to ${host}` },
  alert: { note: 'Note', tip: 'Tip', important: 'Important', warning: 'Warning', caution: 'Caution' } as Readonly<Record<string, string>>,
  footnotes: { title: 'Footnotes', open: (number: string) => `Footnote ${number}`, back: 'Back to the text' },
}
