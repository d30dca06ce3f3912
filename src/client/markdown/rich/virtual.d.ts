/** Address of the sandboxed page that draws diagrams; `diagram-page.ts` of the build makes it. */
declare module 'virtual:diagram-page' {
  const address: string
  export default address
}
