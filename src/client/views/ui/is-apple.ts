/** Whether shortcuts are written with ⌘: what the keyboard in front of this page has. */
export const isApple = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent)
