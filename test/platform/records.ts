/** What handlers report in this process, and what `onError` is told, for a contract harness to wait for. */
import type { ContractHarness } from './contract.ts';
import type { Report } from './contract-handlers.ts';

export interface Records {
  readonly report: Report;
  readonly onError: (error: unknown) => void;
  /** The half of a harness that reads them. */
  readonly reading: Pick<ContractHarness, 'report' | 'errors'>;
}

async function whenThere<Value>(read: () => Value | undefined): Promise<Value> {
  for (let tries = 0; tries < 500; tries += 1) {
    const value = read();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('nothing was reported');
}

export function createRecords(): Records {
  const reports = new Map<string, unknown>();
  const errors: string[] = [];
  return {
    report: (name, value) => void reports.set(name, value),
    onError: (error) => void errors.push(error instanceof Error ? error.message : String(error)),
    reading: {
      async report(name) {
        const value = await whenThere(() => reports.get(name));
        reports.delete(name);
        return value;
      },
      errors: () => whenThere(() => (errors.length > 0 ? errors.splice(0) : undefined)),
    },
  };
}
