/** The demo agent's own help pages: what `search_help` searches. */
export interface HelpPage {
  readonly title: string
  /** Words a person may use that the text does not. */
  readonly words: string
  /** Markdown. */
  readonly text: string
}

export const pages: readonly HelpPage[] = [
  {
    title: 'What the demo agent is',
    words: 'demo agent model ai who real fake llm',
    text: 'I am a small program inside the server, not a language model. I follow a script so that you can see how the chat behaves without an API key.',
  },
  {
    title: 'Connecting a real model',
    words: 'connect openai ollama lm studio api key environment variable setup configure provider gpt real model plug',
    text:
      'Set `OPENAI_BASE_URL` (for example `https://api.openai.com/v1`, or `http://127.0.0.1:11434/v1` for Ollama), `OPENAI_API_KEY` if the provider ' +
      'wants one, and `OPENAI_MODEL`, then start the server again. Any server that speaks the OpenAI chat API will do. The key stays on the server.',
  },
  {
    title: 'Stopping an answer',
    words: 'stop cancel abort escape esc halt interrupt button',
    text: 'While an answer is being written, Send becomes **Stop** in the same place; Esc does the same. What was written stays, marked as stopped, after a reload too.',
  },
  {
    title: 'Reloading, lost networks, restarts',
    words: 'refresh reload lose lost network offline crash restart kill durable safe tab close journal reconnect',
    text:
      'Every character is written to the journal on disk before any browser sees it. So you can reload, switch threads, close the tab or lose the ' +
      'network in the middle of an answer: the answer goes on, and you see all of it, once. If the server itself is killed, what was shown is kept and the run is marked as interrupted.',
  },
  {
    title: 'Approvals',
    words: 'approve approval deny permission ask confirm allow',
    text: 'An agent may ask before it does something that matters. You can answer from any tab, by mouse or keyboard, even after a reload; the first answer counts. Send **approval** to try it.',
  },
  {
    title: 'Where your data is',
    words: 'data stored storage database sqlite disk privacy private where saved file',
    text: 'Everything is in one SQLite file under `DATA_DIR` (`./.holdfast` unless you changed it). This demo agent talks to nobody: nothing leaves your machine.',
  },
  {
    title: 'Keyboard',
    words: 'keyboard shortcut enter shift newline keys',
    text: '**Enter** sends, **Shift+Enter** starts a new line, **Esc** stops the answer.',
  },
]

export interface HelpHit {
  readonly title: string
  readonly text: string
}

/** The best pages for a query, best first, at most two; none where nothing fits. Words are matched by their beginnings. */
export function searchPages(query: string): HelpHit[] {
  const asked = wordsOf(query).filter((word) => word.length > 2 && !stopWords.has(word))
  return pages
    .map((page) => ({ page, score: score(asked, page) }))
    .filter(({ score: points }) => points > 1)
    .sort((a, b) => b.score - a.score)
    .slice(0, 2)
    .map(({ page: { title, text } }) => ({ title, text }))
}

const stopWords = new Set('the and for are was what how does can you your this that with why who when where will would should could please tell about have has not but into from'.split(' '))

function score(asked: readonly string[], page: HelpPage): number {
  const strong = wordsOf(`${page.title} ${page.words}`)
  const weak = wordsOf(page.text)
  const holds = (words: readonly string[], word: string) => words.some((other) => other === word || (word.length > 3 && stem(other) === stem(word)))
  return asked.reduce((sum, word) => sum + (holds(strong, word) ? 2 : holds(weak, word) ? 1 : 0), 0)
}

const wordsOf = (text: string) => text.toLowerCase().match(/[\p{L}\d]+/gu) ?? []
const stem = (word: string) => word.replace(/(?:ing|ed|es|s|al)$/, '').replace(/(.)\1$/, '$1')
