/** Address of the sandboxed page that draws diagrams; the build makes it. */
declare module 'virtual:diagram-page' {
  const address: string
  export default address
}

/** That of the one that shows a picture of another host. */
declare module 'virtual:picture-page' {
  const address: string
  export default address
}
