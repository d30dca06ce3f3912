import Markdown from 'react-markdown'
import remarkGfm from 'remark-gfm'
import { inReact } from './in-react.tsx'

const plugins = [remarkGfm]

export const create = inReact((text) => <Markdown remarkPlugins={plugins}>{text}</Markdown>)
