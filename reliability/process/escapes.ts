// Watches what must not happen in a process: warnings of leaks, errors that nobody caught.
// Rule: it adds no listener that would change the outcome; an uncaught error still ends the process.

const warnings = new Map<string, number>();

/** Begins to count warnings and to name uncaught errors on stderr. */
export function watchEscapes(): void {
  process.on('warning', ({ name }) => {
    // Counting live objects is experimental, and Node says so.
    if (name !== 'ExperimentalWarning') warnings.set(name, (warnings.get(name) ?? 0) + 1);
  });
  process.on('uncaughtExceptionMonitor', (error, origin) => {
    process.stderr.write(`${origin}: ${error instanceof Error ? error.stack : String(error)}\n`);
  });
}

/** Process warnings so far, by name. */
export const countedWarnings = (): Readonly<Record<string, number>> => Object.fromEntries(warnings);
