/**
 * The script of the sandboxed page that shows a picture of another host: it has an opaque origin, may load pictures and nothing else, and tells how large
 * the picture is. No imports: the build puts it into one HTML file.
 */
window.addEventListener('message', ({ data, source, ports: [port] }: MessageEvent<unknown>) => {
  if (source !== window.parent || port === undefined || typeof data !== 'string') return
  const image = new Image()
  image.referrerPolicy = 'no-referrer'
  image.alt = ''
  image.style.cssText = 'display:block;width:100%;height:100%;object-fit:contain'
  image.onload = () => port.postMessage({ width: image.naturalWidth, height: image.naturalHeight })
  image.onerror = () => port.postMessage(null)
  image.src = data
  document.body.replaceChildren(image)
}, { once: true })
