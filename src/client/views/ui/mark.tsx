/** The sign of Holdfast: a blade of kelp and the root that grips the rock. Decoration, so hidden from assistive technology. */
export function Mark({ size = 22 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d="M12 16V9.500" />
      <path d="M12 10.500c0-4.600 2.600-7 7-7.500.2 4.600-2.200 7.500-7 7.500Z" fill="currentColor" />
      <path d="M12 13c-.2-3.400-2.300-5.300-6-5.600.1 3.600 2.200 5.600 6 5.600Z" />
      <path d="M12 16c0 3.200-4.600 1.600-7 5M12 16v5M12 16c0 3.200 4.600 1.600 7 5" />
    </svg>
  )
}
