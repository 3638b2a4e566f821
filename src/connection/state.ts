/**
 * The life of a connection as data (RFC 6455 §7): states, steps between them, and what each state permits.
 *
 * The rule of this file: a step that is not in the table does not exist. The diagram in ARCHITECTURE.md is drawn
 * from these tables.
 */

export type State = 'open' | 'closeSent' | 'closeReceived' | 'draining' | 'closed';

/** What can happen to a state. `fail` is RFC 6455 §7.1.7; `over` is the end of the transport. */
export type Step = 'sendClose' | 'receiveClose' | 'fail' | 'over';

/** State after each step; a missing cell is a step that cannot happen. */
export const transitions: Readonly<Record<State, Readonly<Partial<Record<Step, State>>>>> = Object.freeze({
  open: { sendClose: 'closeSent', receiveClose: 'closeReceived', fail: 'draining', over: 'closed' },
  closeSent: { receiveClose: 'draining', fail: 'draining', over: 'closed' },
  closeReceived: { sendClose: 'draining', fail: 'draining', over: 'closed' },
  draining: { over: 'closed' },
  closed: {},
});

/** The state after a step; a step that the table does not know leads nowhere. */
export const stateAfter = (state: State, step: Step): State => transitions[state][step] ?? state;

/** What a state permits. */
export interface Permission {
  /** Data frames may be sent. */
  readonly data: boolean;
  /** Ping and Pong frames may be sent. */
  readonly control: boolean;
  /** The peer's frames are still decoded. */
  readonly input: boolean;
}

export const permissions: Readonly<Record<State, Permission>> = Object.freeze({
  open: { data: true, control: true, input: true },
  closeSent: { data: false, control: false, input: true },
  closeReceived: { data: false, control: false, input: false },
  draining: { data: false, control: false, input: false },
  closed: { data: false, control: false, input: false },
});

/** The Mermaid diagram of the table. */
export const stateDiagram = (): string =>
  [
    'stateDiagram-v2',
    '  [*] --> open',
    ...Object.entries(transitions).flatMap(([from, steps]) =>
      Object.entries(steps).map(([step, to]) => `  ${from} --> ${to}: ${step}`),
    ),
    '  closed --> [*]',
  ].join('\n');
