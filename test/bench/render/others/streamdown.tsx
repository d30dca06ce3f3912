import { code } from '@streamdown/code'
import { Streamdown } from 'streamdown'
import { inReact } from './in-react.tsx'

const plugins = { code }

export const create = inReact((text, live) => <Streamdown plugins={plugins} isAnimating={live}>{text}</Streamdown>)
