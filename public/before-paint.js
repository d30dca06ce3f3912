// Sends for the chat of the address, and puts the chosen theme, text size and language on the page before its first paint; from then on
// `src/client/actions/preferences.ts` does the same.
;(function () {
  // The chat of this address is on its way while the page's code still is. The very request that `src/client/actions/view.ts` makes, or it is made twice.
  var thread = /^\/t\/([\w-]+)$/.exec(location.pathname)
  if (thread) {
    var ahead = document.createElement('link')
    ahead.rel = 'preload'
    ahead.as = 'fetch'
    ahead.crossOrigin = 'anonymous'
    ahead.href = '/api/threads/' + thread[1] + '/messages?limit=60'
    document.head.append(ahead)
  }

  var chosen = {}
  try {
    chosen = JSON.parse(localStorage.getItem('holdfast:preferences')) || {}
  } catch (error) {
    console.debug('Preferences are not remembered: storage is blocked or broken.', error)
  }
  var pick = function (value, known, otherwise) {
    return known.indexOf(value) === -1 ? otherwise : value
  }
  var languages = ['en', 'ar']
  var ofDevice = (navigator.languages || []).map(function (tag) { return tag.split('-')[0] }).find(function (tag) { return languages.indexOf(tag) !== -1 })
  var language = pick(chosen.language, languages, ofDevice || 'en')
  var theme = pick(chosen.theme, ['light', 'dark'], 'system')
  var root = document.documentElement
  root.lang = language
  root.dir = language === 'ar' ? 'rtl' : 'ltr'
  root.dataset.theme = theme
  root.dataset.textSize = pick(chosen.textSize, ['small', 'large', 'largest'], 'normal')
  root.toggleAttribute('data-wrap-code', chosen.wrapCode === true)
  // The browser's own bars follow a chosen theme too.
  document.querySelectorAll('meta[data-scheme]').forEach(function (meta) {
    if (theme !== 'system') meta.media = meta.dataset.scheme === theme ? 'all' : 'not all'
  })
})()
