/** What became of what somebody did, and what went wrong, in English. */
import type { Formats } from './formats.ts'

export const actionsInEnglish = (f: Formats) => ({
  busy: 'An answer is still running in this chat. Wait for it or press Stop, then send again.',
  undo: 'Undo',
  stopFailed: (cause: string) => `Stop did not get through. ${cause}`,
  stopAgain: 'Stop again',
  choiceNotKept: (cause: string) => `The chat did not keep this choice. ${cause}`,
  notificationsRefused: 'This browser does not allow notifications here. Allow them in its settings for this site, then try again.',
  deletedElsewhere: 'This chat was deleted in another tab.',
  noExport: 'This file is not an export of Holdfast. Choose a JSON file that was exported here or on another Holdfast.',
  importUnreadable: 'This file could not be read. Above 500 MB it is more than a browser takes at once: export the large chats one by one.',
  importLeft: (done: number, count: number, title: string, cause: string) => `${f.number(done)} of ${f.number(count)} chats were imported. “${title}” could not be. ${cause}`,
  importCut: (done: number, count: number, cause: string) => `${f.number(done)} of ${f.number(count)} chats were imported, then one could not be. ${cause}`,
  imported: (count: number) => f.plural(count, { one: 'One chat imported.', other: '# chats imported.' }),
  notChanged: (cause: string) => `The chat was not changed. ${cause}`,
  notBroughtBack: (cause: string) => `The chat could not be brought back. ${cause}`,
  notRenamed: (cause: string) => `The name was not changed. ${cause}`,
  archived: (title: string) => `“${title}” archived.`,
  deleted: (title: string | null) => (title === null ? 'Chat deleted.' : `“${title}” deleted.`),
  notDeleted: (cause: string) => `The chat was not deleted. ${cause}`,
  unreachable: 'The server cannot be reached. Check the network and that the server is running, then try again.',
  late: 'The server did not answer in time. Check that it is running, then try again.',
  loginRanOut: 'A login is wanted: yours ran out, or something between this page and the server asks for one. Log in in another tab, then try again.',
  pageBetween: 'Something between this page and the server answered with a web page of its own, perhaps to ask for a login. Open this page in another tab to see what it wants, then try again.',
  tooLargeBetween: 'Something between this page and the server takes nothing of this size. Raise its limit, or send less at once.',
  notAnswering: (status: number) => `The server is not answering at present (${status}). Try again in a moment.`,
  unreadable: 'The server’s answer could not be understood. Reload the page; if that does not help, something between the page and the server changes its answers.',
  noReason: (status: number) => `The server answered ${status} without a reason. If this stays so, look at its log.`,
  /** What the server says no with, by the code of its problem; it speaks English. */
  refused: (_code: string | null, _about: string, detail: string) => detail,
  pageFailed: (cause: string | null) => `The page failed${cause === null ? '' : `: ${cause}`}. Reload it and try again.`,
})
