/**
 * The time that decoding may take of one turn of the event loop, and the line of those who came when it was spent.
 *
 * The rule of this file: whoever brings much when the share is spent waits in line, undecoded and unread, and each turn
 * lets some of the line go on; so many who flood take turns, and those who bring little are heard in between.
 */
import { performance } from 'node:perf_hooks';
import { Queue } from '../connection/queue.ts';

/** Milliseconds of one turn. */
const share = 4;

/** When the current turn's share began; undefined before anybody has asked. */
let began: number | undefined;
const line = new Queue<() => void>();

function begin(): void {
  began = performance.now();
  setImmediate(nextTurn);
}

function nextTurn(): void {
  began = undefined;
  if (line.length === 0) return;
  begin();
  proceed();
}

/** Lets those in line go on, one after another, each when the handlers that the last one woke have run. */
function proceed(): void {
  line.take()?.();
  if (line.length > 0 && !isSpent(false)) queueMicrotask(() => process.nextTick(proceed));
}

/** Whether the turn's share is spent. For newcomers it also is while others are in line. */
export function isSpent(newcomer: boolean): boolean {
  if (began === undefined) begin();
  return (newcomer && line.length > 0) || performance.now() - (began ?? 0) > share;
}

/** Has `act` called in a later turn, behind those who are in line already. */
export function getInLine(act: () => void): void {
  line.push(act);
  if (began === undefined) begin();
}
