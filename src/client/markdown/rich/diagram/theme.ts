/** The page's colours in Mermaid's words. */
export interface DiagramTheme {
  now(): { readonly name: string; readonly theme: Readonly<Record<string, string>>; readonly dark: boolean; readonly font: string }
  /** Calls back whenever the page's colours changed. */
  onChange(changed: () => void): void
}

export function pageTheme(root: HTMLElement): DiagramTheme {
  const window = root.ownerDocument.defaultView
  const device = window?.matchMedia('(prefers-color-scheme: dark)')
  return {
    now() {
      const style = getComputedStyle(root)
      const dark = style.colorScheme === 'dark'
      const color = colorReader(root.ownerDocument)
      const token = (name: string) => color(shade(style.getPropertyValue(`--${name}`), dark))
      const [paper, ink, soft, line, tint, accent, inset, raised, note, noteLine] =
        [token('paper'), token('ink'), token('ink-soft'), token('line-control'), token('accent-tint'), token('accent'), token('paper-sunk'), token('paper-raised'), token('buoy-tint'), token('buoy-line')]
      return {
        name: dark ? 'dark' : 'light', dark, font: style.getPropertyValue('--font-ui').replaceAll(/\s+/g, ' ').trim(),
        theme: {
          background: paper, primaryColor: tint, primaryTextColor: ink, primaryBorderColor: accent, secondaryColor: inset, secondaryBorderColor: line, secondaryTextColor: ink,
          tertiaryColor: raised, tertiaryBorderColor: line, tertiaryTextColor: ink, lineColor: soft, textColor: ink, mainBkg: tint, nodeBorder: accent, clusterBkg: inset, clusterBorder: line,
          edgeLabelBackground: paper, titleColor: ink, actorBkg: tint, actorBorder: accent, actorTextColor: ink, actorLineColor: line, signalColor: soft, signalTextColor: ink,
          labelBoxBkgColor: inset, labelBoxBorderColor: line, labelTextColor: ink, loopTextColor: ink, noteBkgColor: note, noteBorderColor: noteLine, noteTextColor: ink,
          activationBkgColor: inset, activationBorderColor: line, gridColor: line, pieTitleTextColor: ink, pieSectionTextColor: ink, pieLegendTextColor: ink, pieStrokeColor: paper, pieOuterStrokeColor: line,
        },
      }
    },
    onChange(changed) {
      new MutationObserver(changed).observe(root, { attributes: true, attributeFilter: ['data-theme'] })
      device?.addEventListener('change', changed)
    },
  }
}

/** Of `light-dark(one, other)`, as the tokens are written, the one that holds; a canvas knows only the colour itself. */
function shade(value: string, dark: boolean): string {
  const both = /^\s*light-dark\((.+?\)|[^(),]+),(.+)\)\s*$/.exec(value)
  return both === null ? value : (both[dark ? 2 : 1] ?? value)
}

/** Any CSS colour as `#rrggbb`, which is all that Mermaid can reckon with. */
function colorReader(document: Document): (css: string) => string {
  const canvas = document.createElement('canvas')
  canvas.width = 1
  canvas.height = 1
  const context = canvas.getContext('2d', { willReadFrequently: true })
  return (css) => {
    if (context === null) return '#808080'
    context.fillStyle = css.trim()
    context.fillRect(0, 0, 1, 1)
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data
    return `#${[red, green, blue].map((value) => value.toString(16).padStart(2, '0')).join('')}`
  }
}
