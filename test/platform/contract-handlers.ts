/**
 * The session handlers that the contract suite runs on every platform.
 *
 * The rule of this file: only the `Peer` contract, nothing of a platform, so that the same text is bundled into a
 * Worker and imported on Node. What cannot be told over the connection itself goes to `report`.
 *
 * Answers need no more than to send and to close, so they run where a handler is called once per message as well.
 */
import type { Closure, Message, Peer, PeerHandler, WriteHalf } from '../../src/platform/peer.ts';

/** Takes down what a handler saw. */
export type Report = (name: string, value: unknown) => void;

/** What every platform's handler can do with its connection. */
export type Speaker = Pick<WriteHalf, 'send'> & { close(): Promise<Closure> };

/** What is done for one message. */
export type Answer = (to: Speaker, message: Message) => Promise<void>;

const describeError = (error: unknown): string => (error instanceof Error ? error.name : String(error));

/** The name of the error that `attempt` ends with; `none` when it does not. */
async function nameOfError(attempt: () => unknown): Promise<string> {
  try {
    await attempt();
    return 'none';
  } catch (error) {
    return describeError(error);
  }
}

export const plain = ({ code, reason, clean, by }: Closure): unknown => ({ code, reason, clean, by });

async function drain(peer: Peer): Promise<Message[]> {
  const messages: Message[] = [];
  for await (const message of peer) messages.push(message);
  return messages;
}

export type AnswerName = keyof ReturnType<typeof contractAnswers>;
export type ContractName = keyof ReturnType<typeof contractHandlers>;

/** The same text on all platforms. */
export function contractAnswers(report: Report) {
  return {
    echo: (to, message) => to.send(message),

    /** Sends without waiting; the order of the calls is the order on the wire. */
    pipelines: async (to) => {
      await Promise.all(Array.from({ length: 100 }, (_, index) => to.send(String(index))));
    },

    loneSurrogate: (to) => to.send('a\ud800b'),

    noMessages: async (to) => {
      const names = [];
      for (const value of [undefined, null, 5, {}, ['a']])
        names.push(await nameOfError(() => Reflect.apply(to.send, to, [value])));
      await to.send(JSON.stringify(names));
    },

    closesPlainly: async (to) => {
      const closure = await to.close();
      report('closesPlainly', {
        closure: plain(closure),
        same: (await to.close()) === closure,
        send: await nameOfError(() => to.send('late')),
      });
    },

    throws: async () => {
      throw new Error('boom');
    },

    /** Sends until it cannot, and lets that error through. */
    sendsOn: async (to) => {
      try {
        for (;;) {
          await to.send('still here');
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      } catch (error) {
        report('sendsOn', describeError(error));
        throw error;
      }
    },
  } satisfies Record<string, Answer>;
}

/** An answer as a session handler. */
const answering =
  (answer: Answer): PeerHandler =>
  async (peer) => {
    for await (const message of peer) await answer(peer, message);
  };

export function contractHandlers(report: Report) {
  const answers = contractAnswers(report);
  return {
    echo: answering(answers.echo),
    pipelines: answering(answers.pipelines),
    loneSurrogate: answering(answers.loneSurrogate),
    noMessages: answering(answers.noMessages),
    closesPlainly: answering(answers.closesPlainly),
    throws: answering(answers.throws),
    sendsOn: answering(answers.sendsOn),

    /** Tells how the connection ended. */
    tells: async (peer) => {
      await answering(answers.echo)(peer);
      report('tells', plain(await peer.closed));
    },

    /** Says what kind each message is. */
    kinds: async (peer) => {
      for await (const message of peer) {
        const isBytes = message instanceof Uint8Array;
        await peer.send(isBytes ? `bytes ${message.byteLength}` : `${typeof message} ${message.length}`);
      }
    },

    /** Waits before it receives, so that early messages have to be kept. */
    sleeps: async (peer) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const first = await peer.recv();
      await peer.send(`first ${String(first)}`);
    },

    burst: async (peer) => {
      await peer.send('ready');
      const messages = [await peer.recv()];
      await new Promise((resolve) => setTimeout(resolve, 100));
      for (let next = peer.tryRecv(); next !== undefined && next !== null; next = peer.tryRecv())
        messages.push(next);
      await peer.send(JSON.stringify(messages));
      await peer.send(String(peer.tryRecv()));
      await peer.recv();
    },

    subprotocol: async (peer) => {
      await peer.send(String(peer.subprotocol));
    },

    closes: async (peer) => {
      const before = peer.state;
      const closure = await peer.close(4001, 'enough');
      const again = await peer.close(4002, 'more');
      report('closes', {
        before,
        after: peer.state,
        closure: plain(closure),
        same: again === closure && closure === (await peer.closed),
        aborted: peer.signal.aborted,
        recv: await peer.recv(),
        tryRecv: peer.tryRecv(),
        send: await nameOfError(() => peer.send('late')),
      });
    },

    /** Waits for the peer to end it. */
    watches: async (peer) => {
      let aborts = 0;
      peer.signal.addEventListener('abort', () => {
        aborts += 1;
      });
      await peer.send(peer.state);
      const messages = await drain(peer);
      report('watches', { messages, closure: plain(await peer.closed), state: peer.state, aborts });
    },

    returns: async (peer) => {
      await peer.recv();
    },

    throwsAtOnce: () => {
      throw new Error('boom');
    },

    misuse: async (peer) => {
      const attempts: (() => unknown)[] = [
        () => peer.close(999),
        () => peer.close(1005),
        () => peer.close(1006),
        () => peer.close(1015),
        () => peer.close(2999),
        () => peer.close(5000),
        () => peer.close(1000.5),
        () => peer.close(1000, 'x'.repeat(124)),
        () => peer.close(1000, '\u00e9'.repeat(62)),
        () => peer.close(1000, '\ud800'),
      ];
      const names = [];
      for (const attempt of attempts) names.push(await nameOfError(attempt));
      await peer.send(JSON.stringify(names));
      await peer.send(peer.state);
      await peer.close(1000, 'x'.repeat(123));
    },

    split: async (peer) => {
      const [read, write] = peer.split();
      const spent = [
        await nameOfError(() => peer.recv()),
        await nameOfError(() => peer.tryRecv()),
        await nameOfError(() => peer.send('x')),
        await nameOfError(() => peer.close()),
        await nameOfError(() => peer.split()),
      ];
      await write.send(JSON.stringify(spent));
      const copy = async (): Promise<void> => {
        for await (const message of read) await write.send(message);
      };
      const tick = async (): Promise<void> => {
        for (const number of [1, 2, 3]) await write.send(`tick ${number}`);
      };
      await Promise.all([copy(), tick()]);
      report('split', plain(await peer.closed));
    },
  } satisfies Record<string, PeerHandler>;
}
