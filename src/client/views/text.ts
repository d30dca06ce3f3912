/**
 * Every text that a person reads, in one place, ready for translation. Views pick from here; what has to be put together
 * is put together here.
 */
const number = new Intl.NumberFormat('en')
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const day = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' })
const dayAndYear = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' })
const month = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric' })
const money = new Intl.NumberFormat('en', { style: 'currency', currency: 'USD', maximumFractionDigits: 4 })

/** `0.4 s`, `12 s`, `3 min 20 s`, `1 h 5 min`. */
export function duration(ms: number): string {
  const whole = Math.max(0, ms)
  if (whole < 950) return `${Math.max(0.1, Math.round(whole / 100) / 10)} s`
  const seconds = Math.round(whole / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  return minutes % 60 === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** A clock that ticks: whole seconds only, so that it does not flicker. */
export function ticking(ms: number): string {
  return ms < 1000 ? '0 s' : duration(Math.floor(ms / 1000) * 1000)
}

/** Size of a text in characters: `820 characters`, `12.4K characters`. */
export function characters(count: number): string {
  return `${count < 1000 ? number.format(count) : compact.format(count)} characters`
}

/** `14:05` today, else with its day. */
export function moment(at: number, now: number): string {
  const then = new Date(at)
  const today = new Date(now)
  if (then.toDateString() === today.toDateString()) return clock.format(then)
  return `${(then.getFullYear() === today.getFullYear() ? day : dayAndYear).format(then)}, ${clock.format(then)}`
}

export const text = {
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
    month: (at: number) => month.format(new Date(at)),
    running: 'answering',
    unread: 'new answer',
    waiting: 'waiting for you',
    untitled: 'New chat',
    options: (title: string) => `Options for “${title}”`,
    rename: 'Rename',
    renameLabel: 'New title',
    remove: 'Delete',
    loading: 'Loading chats',
    empty: 'Your chats will be kept here.',
    failed: 'Your chats could not be loaded.',
    tryAgain: 'Try again',
    more: 'Show older chats',
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
  },
  message: {
    you: 'You',
    copy: 'Copy',
    copied: 'Copied',
    copyFailed: 'Copying was refused by the browser. Select the text and copy it with the keyboard.',
    more: 'Show the whole message',
    less: 'Show less',
    sending: 'Sending…',
    notSent: 'Not sent.',
    retry: 'Retry',
    discard: 'Discard',
    stopped: 'Stopped',
    interrupted: 'The server lost this answer',
    interruptedDetail: 'Everything you saw is kept. The agent did not finish.',
    failed: 'The answer failed',
    unsaved: 'Not yet saved by the server. It stays here until it is.',
    lostLogin: 'You are signed out, so this answer no longer updates.',
    lostRefused: 'The server no longer gives this answer.',
  },
  thinking: {
    live: 'Thinking',
    done: (ms: number) => `Thought for ${duration(ms)}`,
    stopped: (ms: number) => `Thought for ${duration(ms)}, then stopped`,
  },
  tool: {
    preparing: 'Preparing',
    running: 'Running',
    waiting: 'Waiting for you',
    done: 'Done',
    failed: 'Failed',
    stopped: 'Stopped',
    denied: 'Denied',
    input: 'Input',
    output: 'Output',
    error: 'Error',
    noOutput: 'No output',
    copyInput: 'Copy input',
    copyOutput: 'Copy output',
    showAll: (length: number) => `Show all ${characters(length)}`,
    showLess: 'Show less',
  },
  approval: {
    expired: 'The run ended before anyone answered.',
    sending: 'Sending your answer…',
    option: (option: string) => known.get(option) ?? sentence(option),
    decided: (decision: string, by: string, when: string) => `${past.get(decision) ?? `“${sentence(decision)}”, chosen`} by ${by === 'user' ? text.approval.you : by}, ${when}`,
    you: 'you',
    note: (note: string) => `“${note}”`,
  },
  file: { open: 'Open file' },
  usage: {
    /** `7 s · 470 tokens`: what an answer took, at a glance. */
    brief: (took: string, outTokens: number | undefined, dollars: number | undefined) =>
      joined([took, outTokens ? countOf(outTokens, 'token') : null, dollars === undefined ? null : money.format(dollars)]),
    /** The rest, for who asks. */
    detail: (inTokens: number | undefined, reasoningTokens: number | undefined, toolCalls: number, model: string | null) =>
      joined([
        inTokens === undefined ? null : `${countOf(inTokens, 'token')} read`,
        reasoningTokens ? countOf(reasoningTokens, 'thinking token') : null,
        toolCalls === 0 ? null : countOf(toolCalls, 'tool call'),
        model,
      ]),
  },
  composer: {
    label: 'Message',
    placeholder: (agent: string | null) => (agent === null ? 'Write a message' : `Message ${agent}`),
    send: 'Send',
    stop: 'Stop',
    stopping: 'Stopping…',
    hint: 'Enter to send, Shift + Enter for a new line',
    hintRunning: 'Esc to stop',
    hintBusy: 'Send this when the answer is done, or press Esc to stop it.',
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
    forDemo: [
      { title: 'Show me every kind of markdown', about: 'Tables, code, lists, quotes, live' },
      { title: 'Use your tools: what is (12.5*7)^2?', about: 'Tool calls with input and output' },
      { title: 'Ask me for approval', about: 'The agent waits for your decision' },
      { title: 'Think, then answer slowly', about: 'Refresh in the middle: nothing is lost' },
    ],
    neutralSuggestions: [
      { title: 'Explain a hard idea simply', about: 'Pick one you half understand' },
      { title: 'Help me plan my week', about: 'Start from what must not slip' },
      { title: 'Review a piece of writing', about: 'Paste it below' },
      { title: 'Compare two options in a table', about: 'With the trade-offs named' },
    ],
  },
  connection: {
    reconnecting: 'Reconnecting…',
    offline: 'The server does not answer. Trying again…',
    generating: 'Generating',
    done: (answer: string) => `Answer: ${answer}`,
    stopped: 'Stopped.',
    failed: (cause: string) => `The answer failed: ${cause}`,
    approval: (question: string) => `Your decision is needed: ${question}`,
  },
  toast: { region: 'Notifications', dismiss: 'Dismiss' },
  code: { copy: 'Copy', copied: 'Copied', copyLabel: 'Copy code', plain: 'text' },
  image: {
    open: (alt: string, host: string) => (alt === '' ? `Open image (${host})` : `Open image “${alt}” (${host})`),
    blocked: (alt: string) => (alt === '' ? 'Image without an address' : `Image: ${alt}`),
  },
  table: { label: 'Table' },
  link: { goesTo: (host: string) => `Goes to ${host}` },
} as const

function joined(pieces: readonly (string | null)[]): string {
  return pieces.filter((piece) => piece !== null && piece !== '').join(' · ')
}

function countOf(count: number, what: string): string {
  return `${number.format(count)} ${what}${count === 1 ? '' : 's'}`
}

// Maps, because an agent may name an option as it likes, `constructor` included.
const known = new Map([['approve', 'Approve'], ['deny', 'Deny']])
const past = new Map([['approve', 'Approved'], ['deny', 'Denied']])

function sentence(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).replaceAll(/[_-]+/g, ' ')
}
