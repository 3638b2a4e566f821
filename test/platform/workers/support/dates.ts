/**
 * The compatibility dates that the tests run at: before and after the runtime's defaults changed for binary messages
 * (2026-03-17: Blob) and for the peer's Close (2026-04-07: answered by the runtime).
 */
export const compatibilityDates = ['2026-01-01', '2026-11-01'] as const;
