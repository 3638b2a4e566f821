/**
 * The time that decoding may take of one turn of the event loop, and the line of those who came when it was spent.
 *
 * The rule of this file: whoever brings much when the share is spent waits in line, undecoded and unread, and each turn
 * lets some of the line go on; so many who flood take turns, and those who bring little are heard in between. While
 * sockets come to be opened, the line stands back for some turns: the system hands out one of them per turn, so long
 * turns would make them wait for each other.
 */
import { performance } from 'node:perf_hooks';
import { Queue } from '../connection/queue.ts';

/** Milliseconds of one turn. */
const share = 4;
/** The most turns in a row that are left to sockets that come. */
const patience = 16;

/** When the current turn's share began; undefined before anybody has asked. */
let began: number | undefined;
const line = new Queue<() => void>();
/** Whether a socket has come since the last turn. */
let came = false;
/** Whether the current turn is left to those who come. */
let standsBack = false;
/** Turns in a row that were. */
let stoodBack = 0;

function begin(): void {
  began = performance.now();
  setImmediate(nextTurn);
}

function nextTurn(): void {
  began = undefined;
  standsBack = came && line.length > 0 && stoodBack < patience;
  stoodBack = standsBack ? stoodBack + 1 : 0;
  came = false;
  if (line.length === 0) return;
  begin();
  if (!standsBack) proceed();
}

/** Lets those in line go on, one after another, each when the handlers that the last one woke have run. */
function proceed(): void {
  line.take()?.();
  if (line.length > 0 && !isSpent(false)) queueMicrotask(() => process.nextTick(proceed));
}

/** Whether the turn's share is spent. For newcomers it also is while others are in line. */
export function isSpent(newcomer: boolean): boolean {
  if (began === undefined) begin();
  return standsBack || (newcomer && line.length > 0) || performance.now() - (began ?? 0) > share;
}

/** Has `act` called in a later turn, behind those who are in line already. */
export function getInLine(act: () => void): void {
  line.push(act);
  if (began === undefined) begin();
}

/** A socket has come to be opened, and others may be behind it. */
export function standBack(): void {
  came = true;
}
