import { log } from '../../log.ts'
import { lazyRich, whenIdle } from '../../markdown/rich/lazy.ts'
import { createSight } from '../../markdown/rich/sight.ts'
import { text } from '../text.ts'

/** What is added to what is final, the same for all messages of the page. */
export const rich = lazyRich({
  load: async () => {
    const [{ createRich }, { partsText }] = await Promise.all([import('../../markdown/rich/rich.ts'), import('../parts-text.ts')])
    return createRich({
      log: log.debug,
      words: () => ({
        wrap: text.code.wrap, copyMaths: text.maths.copy,
        diagram: partsText().diagram.picture, showSource: partsText().diagram.showSource, showDiagram: partsText().diagram.showPicture,
        larger: partsText().diagram.larger, smaller: partsText().diagram.smaller, diagramFailed: (reason, said) => partsText().diagram.failed[reason](said),
      }),
    })
  },
  sight: createSight('100%'), whenIdle,
  onFailure: (error) => log.debug('code, formulas and diagrams stay as they are written', { error: String(error) }),
})
