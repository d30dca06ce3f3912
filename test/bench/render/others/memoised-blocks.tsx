/** One memoised react-markdown per block of marked's lexer, as the AI SDK's cookbook has it. */
import { marked } from 'marked'
import { memo, useMemo } from 'react'
import Markdown from 'react-markdown'
import remarkGfm from 'remark-gfm'
import { inReact } from './in-react.tsx'

const plugins = [remarkGfm]
const Block = memo(function Block({ source }: { readonly source: string }) {
  return <Markdown remarkPlugins={plugins}>{source}</Markdown>
})

function Blocks({ text }: { readonly text: string }) {
  const blocks = useMemo(() => marked.lexer(text).map((token) => token.raw), [text])
  return blocks.map((source, index) => <Block key={index} source={source} />)
}

export const create = inReact((text) => <Blocks text={text} />)
