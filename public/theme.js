// Puts the chosen theme on the page before its first paint. The same key is written by the theme switch.
;(function () {
  var chosen = null
  try {
    chosen = localStorage.getItem('holdfast:theme')
  } catch (error) {
    console.debug('The theme is not remembered: storage is blocked.', error)
  }
  var theme = chosen === 'light' || chosen === 'dark' ? chosen : 'system'
  document.documentElement.dataset.theme = theme
  // The browser's own bars follow a chosen theme too.
  document.querySelectorAll('meta[data-scheme]').forEach(function (meta) {
    if (theme !== 'system') meta.media = meta.dataset.scheme === theme ? 'all' : 'not all'
  })
})()
