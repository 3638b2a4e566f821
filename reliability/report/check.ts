// What a run found: gates that held or did not, and the figures behind them.
// Rule: a gate says what was measured and what was allowed; whoever reads the report can judge without the source.
import type { Audit } from '../ledger/audit.ts';

export interface Check {
  readonly gate: string;
  readonly measured: string;
  readonly allowed: string;
  readonly held: boolean;
  /** Whether it is about time, which a busy machine can spoil. */
  readonly timed: boolean;
}

export interface Outcome {
  readonly name: string;
  readonly title: string;
  readonly seconds: number;
  readonly checks: readonly Check[];
  /** Further things that are worth knowing, by name. */
  readonly notes: readonly string[];
  /** Why it did not run. */
  readonly skipped?: string;
}

const text = (value: number, unit: string): string =>
  `${Number.isInteger(value) ? value.toLocaleString('en') : value.toFixed(value < 10 ? 2 : 1)}${unit === '' ? '' : ` ${unit}`}`;

const timedUnits = ['ms', 's', '%', 'cycles/s', 'B/cycle'];
const isTimed = (unit: string): boolean => timedUnits.includes(unit);

export const atMost = (gate: string, measured: number, most: number, unit = ''): Check => ({
  gate,
  measured: text(measured, unit),
  allowed: `≤ ${text(most, unit)}`,
  held: measured <= most,
  timed: isTimed(unit),
});

export const atLeast = (gate: string, measured: number, least: number, unit = ''): Check => ({
  gate,
  measured: text(measured, unit),
  allowed: `≥ ${text(least, unit)}`,
  held: measured >= least,
  timed: isTimed(unit),
});

export const exactly = (gate: string, measured: number, wanted: number, unit = ''): Check => ({
  gate,
  measured: text(measured, unit),
  allowed: text(wanted, unit),
  held: measured === wanted,
  timed: isTimed(unit),
});

/** A gate that lists what broke it; an empty list holds. */
export const none = (gate: string, found: readonly string[]): Check => ({
  gate,
  measured: found.length === 0 ? 'none' : `${found.length}: ${found.slice(0, 3).join('; ')}`,
  allowed: 'none',
  held: found.length === 0,
  timed: false,
});

/** The ledger's gate. */
export const ledgerHolds = ({ violations }: Audit): Check =>
  none('messages lost, doubled, out of order or damaged; closures missing or doubled', violations);

export const held = ({ checks }: Outcome): boolean => checks.every((check) => check.held);
