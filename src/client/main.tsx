/** Composition root: the only file of the client that names concrete parts. */
import './painted.ts'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { encodeId } from '../shared/ids.ts'
import { createActions } from './actions/actions.ts'
import { createBranchMemory } from './actions/branches.ts'
import { createIndexedDrafts } from './actions/draft-storage.ts'
import { createRouter } from './actions/router.ts'
import { languageOf, parsePreferences, PREFERENCES_KEY, readPreferences, showPreferences, writePreferences } from './actions/preferences.ts'
import { createSettingsAddress } from './actions/settings-address.ts'
import { createFetchApi } from './api/fetch-api.ts'
import { createVersionCheck } from './pwa/new-version.ts'
import { listenToControls } from './markdown/controls.ts'
import { pageFrames } from './store/frame.ts'
import { StoreProvider } from './store/react.ts'
import { createSink } from './store/sink.ts'
import { createStore } from './store/store.ts'
import { pageClock } from './stream/clock.ts'
import type { Feed } from './stream/feed.ts'
import { onceHere, persistently } from './stream/following.ts'
import { log } from './log.ts'
import { createLifecycle } from './stream/lifecycle.ts'
import { createRunCache } from './stream/run-cache.ts'
import { createStreams } from './stream/streams.ts'
import type { Language } from './store/preferences.ts'
import type { State } from './store/state.ts'
import { App } from './views/app.tsx'
import { growing } from './views/message/markdown-growing.ts'
import { stayAboveKeyboard } from './views/ui/above-keyboard.ts'
import { speak, text } from './views/text.ts'
import { copyText } from './views/ui/copy-text.ts'

// By name of its owner at each call, so that it keeps its `this` and a test may replace it.
const request: typeof window.fetch = (input, init) => window.fetch(input, init)
const visible = () => document.visibilityState === 'visible'

const api = createFetchApi({ fetch: request })
const router = createRouter(window)
const settingsAddress = createSettingsAddress(window)
const lifecycle = createLifecycle(window, pageClock)
const runCache = createRunCache(() => window.sessionStorage, (error) => log.debug('runs are not remembered across a reload', { error: String(error) }))
const localStorage = () => window.localStorage
const forgetful = (error: unknown) => log.debug('preferences are not remembered', { error: String(error) })
const store = createStore({
  initial: { preferences: readPreferences(localStorage, forgetful), settings: settingsAddress.current(), current: router.current() },
  onListenerError: (error) => log.error('a part of the page failed to draw', { error: String(error) }),
})
const sink = createSink({
  store,
  schedule: pageFrames(),
  log: log.debug,
  onFinal: (token, finale) => actions.runEnded(token, finale),
  onForeign: (token) => actions.runForeign(token),
})
/**
 * Fetched once the chat is drawn, or when a run is to be followed. Without it nothing new comes, as without the server; so an answer grows only where what
 * draws growing answers is here.
 */
const live = persistently(async () => (await Promise.all([import('./stream/live.ts'), growing.load()]))[0], pageClock, (error) => {
  log.warn('the code of the connections has not come', { error: String(error) })
  actions.feedStatus('offline')
})
const streams = createStreams({
  sink: {
    ...sink,
    setConnection(token, connection) {
      // The server is there: the feed need not wait for its own next try.
      if (connection.kind === 'streaming') feed?.hint()
      sink.setConnection(token, connection)
    },
  },
  createFollower: onceHere(async () => {
    const { createFetchTransport, following } = await live()
    return following({ transport: createFetchTransport({ fetch: request }), api })
  }),
  api, clock: pageClock, random: Math.random, cache: runCache, lifecycle, log,
})
/** Fetched with the connections, for without them there is nothing to tell; or when somebody asks to be told. */
const telling = () => import('./actions/browser-notices.ts')
const noticesOf = ({ createBrowserNotices }: Awaited<ReturnType<typeof telling>>) =>
  createBrowserNotices(window, ({ kind, thread }) => ({ title: thread.title === '' ? text.name : thread.title, body: text.attention[kind] }), log.warn)
const actions = createActions({
  store, api, streams, runCache,
  upload: async (...given) => (await import('./api/upload.ts')).sendFile(...given),
  measurePicture: async (bytes) => {
    // What cannot be decoded is no picture, whatever it is called.
    const picture = await createImageBitmap(bytes).catch(() => null)
    if (picture === null) return null
    const { width, height } = picture
    picture.close()
    return { width, height }
  },
  newId: () => encodeId(crypto.getRandomValues(new Uint8Array(16))),
  navigate: router.push,
  branchMemory: createBranchMemory(localStorage, (error) => log.debug('the branch that is looked at is not remembered', { error: String(error) })),
  drafts: createIndexedDrafts(() => window.indexedDB, (error) => log.warn('drafts are not kept across a reload', { error: String(error) })),
  settingsAddress,
  forgetEverything: async () => (await import('./actions/forget.ts')).forgetEverything(window),
  savePreferences: (preferences) => writePreferences(localStorage, preferences, forgetful),
  words: () => text.actions,
  mayNotify: async () => noticesOf(await telling()).ask(), clock: pageClock, visible, log: log.warn,
})

let beenOnline = false
/** The page may have come from what is kept in this browser, and be older than the server. */
const opensKept = () => 'serviceWorker' in navigator && navigator.serviceWorker.controller !== null
const lookForNewVersion = createVersionCheck({
  fetch: request, entry: new URL(import.meta.url).pathname, log: log.debug, onNew: () => store.update((state) => ({ ...state, newVersion: true })),
})

let feed: Feed | null = null
async function joinFeed(): Promise<void> {
  const { createFeed, createFetchFeedTransport } = await live()
  feed = createFeed({
    transport: createFetchFeedTransport({ fetch: request }),
    locks: navigator.locks ?? null,
    openChannel: typeof BroadcastChannel === 'undefined' ? null : () => new BroadcastChannel('holdfast-feed'),
    clock: pageClock, random: Math.random, lifecycle, log,
    onEvent: actions.receiveFeed,
    onStatus(status) {
      actions.feedStatus(status)
      if (status === 'online' && (beenOnline || opensKept())) void lookForNewVersion()
      beenOnline ||= status === 'online'
      // It was let in just now, so whoever was refused for lack of a login need not be any more.
      if (status === 'online') streams.loggedIn()
    },
  })
}

listenToControls(document, async () => (await import('./markdown/rich/acts.ts')).createActs({
  copy: copyText, copied: () => text.code.copied, pictureFailed: () => text.image.failed,
  toggleWrap: () => actions.prefer({ wrapCode: !store.getState().preferences.wrapCode }),
}), (error) => log.warn('a button of an answer did nothing', { error: String(error) }))
router.listen((thread, message) => {
  store.update((state) => ({ ...state, settings: settingsAddress.current() }))
  actions.moved(thread, message)
})
document.addEventListener('visibilitychange', () => {
  if (!visible()) return
  actions.pageVisible()
  void lookForNewVersion()
})
// A part that is fetched when it is wanted did not come: the network, or a server that has another build by now.
window.addEventListener('vite:preloadError', () => {
  actions.notify(text.version.partMissing)
  void lookForNewVersion()
})
stayAboveKeyboard(window)
actions.start(router.current(), router.message())

const element = document.getElementById('root')
if (element === null) throw new Error('index.html has no element with the id "root"; the page has nowhere to be drawn.')
const root = createRoot(element)
/** Longer than a server near by takes to answer. */
const SOON_MS = 100
const DRAWN_MS = 150
const IDLE_MS = 500
/** The language is the key: in another one everything is drawn anew. */
const draw = (language: Language) =>
  root.render(
    <StrictMode>
      <StoreProvider key={language} store={store} actions={actions}>
        <App />
      </StoreProvider>
    </StrictMode>,
  )

/** Speaks what is preferred; until its texts are here, and if they cannot be loaded, the page keeps the language that it has. */
async function speakPreferred(before: Language): Promise<void> {
  const language = languageOf(store.getState().preferences, navigator.languages)
  const spoken = await speak(language).then(() => language, (error: unknown) => {
    log.warn(`The texts of the language “${language}” could not be loaded.`, { error: String(error) })
    return before
  })
  if (languageOf(store.getState().preferences, navigator.languages) !== language) return // chosen anew meanwhile
  document.documentElement.lang = spoken
  document.documentElement.dir = text.direction
  draw(spoken)
}

store.subscribe(({ preferences }, before) => {
  if (preferences === before.preferences) return
  showPreferences(document, preferences)
  const language = languageOf(before.preferences, navigator.languages)
  if (language !== languageOf(preferences, navigator.languages)) void speakPreferred(language)
})
// Another tab changed them.
window.addEventListener('storage', (event) => {
  if (event.key === PREFERENCES_KEY) store.update((state) => ({ ...state, preferences: parsePreferences(event.newValue, forgetful) }))
})
/**
 * Settles when what the page begins with is here, or does not come soon: drawn once it costs half of what it does drawn piece by piece, and its outline
 * is there meanwhile.
 */
function beginning(): Promise<void> {
  return new Promise((resolve) => {
    const here = ({ current, content, threads, agents }: State) =>
      agents !== null && threads.status !== 'loading' && (current === null || (content[current]?.status ?? 'loading') !== 'loading')
    const done = () => {
      cancel()
      unsubscribe()
      resolve()
    }
    const unsubscribe = store.subscribe((state) => {
      if (here(state)) done()
    })
    const cancel = pageClock.after(SOON_MS, done)
  })
}
/** What the page does beside showing the chat. Without it all works but opening offline, and being told of what comes while nobody looks. */
async function goOn(): Promise<void> {
  try {
    const [{ registerServiceWorker }, told] = await Promise.all([import('./pwa/register.ts'), telling()])
    registerServiceWorker(window, log.debug)
    store.subscribe(told.createAttention({
      notices: noticesOf(told), leads: () => feed?.leads() === true, anyVisible: told.watchVisible(document, navigator.locks ?? null, log.warn), open: actions.openThread, log: log.warn,
    }))
  } catch (error) {
    log.warn('a part of the page has not come', { error: String(error) })
  }
}
/** Once what was drawn is there and takes keys. */
const whenIdle = (run: () => void) => pageClock.after(DRAWN_MS, () => ('requestIdleCallback' in window ? window.requestIdleCallback(run, { timeout: IDLE_MS }) : run()))
// Not awaited: what it loads may import this module.
void beginning().then(() => speakPreferred('en')).then(() => whenIdle(() => {
  void joinFeed()
  void goOn()
}))
