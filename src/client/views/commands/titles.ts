/** What the commands are called, where they are listed; their keys work without. */
import type { Text } from '../text.ts'
import type { PartsText } from '../text/parts-en.ts'

export const titles = {
  palette: (_text: Text, parts: PartsText) => parts.commands.palette,
  shortcuts: (_text: Text, parts: PartsText) => parts.commands.shortcuts,
  sidebar: (_text: Text, parts: PartsText) => parts.commands.sidebar,
  'new-chat': (text: Text) => text.chats.newChat,
  'newer-chat': (_text: Text, parts: PartsText) => parts.commands.newerChat,
  'older-chat': (_text: Text, parts: PartsText) => parts.commands.olderChat,
  'next-waiting': (_text: Text, parts: PartsText) => parts.commands.nextNews,
  find: (_text: Text, parts: PartsText) => parts.find.label,
  outline: (_text: Text, parts: PartsText) => parts.outline.label,
  branches: (_text: Text, parts: PartsText) => parts.branches.open,
  write: (_text: Text, parts: PartsText) => parts.commands.write,
  send: (text: Text) => text.composer.send,
  'new-line': (_text: Text, parts: PartsText) => parts.commands.newLine,
  attach: (text: Text) => text.files.attach,
  stop: (text: Text) => text.composer.stop,
  light: (text: Text, parts: PartsText) => parts.commands.theme(text.theme.light),
  dark: (text: Text, parts: PartsText) => parts.commands.theme(text.theme.dark),
  system: (text: Text, parts: PartsText) => parts.commands.theme(text.theme.system),
  notify: (_text: Text, parts: PartsText) => parts.commands.notify,
  'notify-off': (_text: Text, parts: PartsText) => parts.commands.notifyOff,
} satisfies Record<string, (text: Text, parts: PartsText) => string>

export type CommandId = keyof typeof titles
