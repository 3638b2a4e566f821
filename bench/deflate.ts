/**
 * What a compressed message costs: this engine's permessage-deflate session against one pair of zlib streams for each
 * connection, which is how `ws` does it. Every message is decompressed, checked and compressed again, as an echo
 * server would; 50 connections take turns. Rounds are interleaved, and the figure is CPU time per message.
 *
 *     npx tsx bench/deflate.ts [rounds]
 *     npx tsx bench/deflate.ts alone      compressing alone: our own compressor and live zlib contexts
 */
import { constants, createDeflateRaw, createInflateRaw } from 'node:zlib';
import {
  type ExtensionSession,
  type LentBytes,
  type LentMessage,
  permessageDeflate,
} from '../src/extension/index.ts';
import { Compressor } from '../src/extension/permessage-deflate/compressor.ts';
import { openDeflate } from '../src/extension/permessage-deflate/direct.ts';

const connections = 50;
const tail = Uint8Array.of(0x00, 0x00, 0xff, 0xff);

/** An endpoint that decompresses what it gets and compresses it again. */
interface Echo {
  echo(compressed: Buffer): Promise<Buffer>;
  close(): void;
}

const copied = ({ bytes, start, end }: LentBytes): Buffer => Buffer.from(bytes.subarray(start, end));

const taken = (made: LentMessage): Buffer => {
  made.taken = true;
  return copied(made);
};

/** As a connection does it: the short way where there is one. */
const sessionEcho = (session: ExtensionSession): Echo => {
  const compress = (message: Uint8Array): Promise<Buffer> => {
    const made = session.outboundNow?.(message);
    return made === undefined
      ? new Promise((resolve) => session.outbound(message, (wire) => resolve(Buffer.from(wire))))
      : Promise.resolve(taken(made));
  };
  return {
    echo: (compressed) => {
      const made = session.inboundNow?.(compressed, 0, compressed.length, 1 << 20);
      return made === undefined
        ? new Promise((resolve, reject) => {
            session.inbound(compressed, 1 << 20, (violation, message) => {
              if (violation === undefined) compress(message).then(resolve, reject);
              else reject(new Error(violation));
            });
          })
        : compress(copied(made));
    },
    close: () => session.dispose(),
  };
};

const streamEcho = (takeover: boolean, level: number): Echo => {
  const inflate = createInflateRaw();
  const deflate = createDeflateRaw({ level });
  let parts: Buffer[] = [];
  const collect = (part: Buffer): void => {
    parts.push(part);
  };
  inflate.on('data', collect);
  deflate.on('data', collect);
  const take = (): Buffer => {
    const whole = Buffer.concat(parts);
    parts = [];
    return whole;
  };
  return {
    echo: (compressed) =>
      new Promise((resolve) => {
        inflate.write(compressed);
        inflate.write(tail);
        inflate.flush(() => {
          const message = take();
          if (!takeover) inflate.reset();
          deflate.write(message);
          deflate.flush(constants.Z_SYNC_FLUSH, () => {
            const wire = take();
            if (!takeover) deflate.reset();
            resolve(wire.subarray(0, -4));
          });
        });
      }),
    close: () => {
      inflate.close();
      deflate.close();
    },
  };
};

/** Pseudo-random JSON records, cut to a length; the same for everybody. */
const messagesOf = (length: number, count: number): Buffer[] => {
  let seed = 20261125;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return Math.floor((seed / 0x80000000) * below);
  };
  const words = ['alpha', 'bravo', 'charlie', 'delta', 'echo', 'foxtrot', 'golf', 'hotel'];
  const record = (): string =>
    JSON.stringify({
      id: random(100_000),
      user: `${words[random(8)]}${random(97)}`,
      at: 1_700_000_000 + random(1_000_000),
      value: random(100_000) / 1000,
      note: `${words[random(8)]} ${words[random(8)]}`,
    });
  return Array.from({ length: count }, () => {
    let text = '[';
    while (text.length < length) text += `${record()},`;
    return Buffer.from(text.slice(0, length));
  });
};

/** The same messages as a peer with a context of its own sends them. */
const compressAll = async (messages: readonly Buffer[], takeover: boolean): Promise<Buffer[]> => {
  const session = permessageDeflate({ serverNoContextTakeover: !takeover, level: 6, threshold: 0 })
    .answer([{ name: 'permessage-deflate', parameters: [] }])
    ?.createSession();
  const wire: Buffer[] = [];
  for (const message of messages) {
    await new Promise<void>((resolve) => {
      session?.outbound(message, (payload) => {
        wire.push(Buffer.from(payload));
        resolve();
      });
    });
  }
  session?.dispose();
  return wire;
};

const cpuOf = async (echoes: readonly Echo[], wire: readonly Buffer[]): Promise<number> => {
  const before = process.cpuUsage();
  for (const compressed of wire) {
    await Promise.all(echoes.map((echo) => echo.echo(compressed)));
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (wire.length * echoes.length);
};

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Something that compresses one message and says how many bytes it became. */
type Compress = (message: Buffer) => number;

const zlibCompress = (level: number): Compress => {
  const context = openDeflate(12, level, 5);
  const output = new Uint8Array(128 * 1024);
  return (message) => {
    context.run(constants.Z_SYNC_FLUSH, message, 0, message.length, output, output.length);
    return output.length - context.outputLeft - tail.length;
  };
};

const ownCompress = (): Compress => {
  const compressor = new Compressor(12);
  return (message) => {
    const made = compressor.deflate(message);
    made.taken = true;
    const { start, end } = made;
    return end - start;
  };
};

/** CPU microseconds and bytes of one message, all connections taking turns; the best of five. */
const compressing = (make: () => Compress, messages: readonly Buffer[]): string => {
  const all = Array.from({ length: connections }, make);
  let best = Number.POSITIVE_INFINITY;
  let bytes = 0;
  for (let round = 0; round < 5; round += 1) {
    bytes = 0;
    const before = process.cpuUsage();
    for (const message of messages) for (const compress of all) bytes += compress(message);
    best = Math.min(best, process.cpuUsage(before).user);
  }
  const count = messages.length * connections;
  return `${(best / count).toFixed(2)} µs, ${Math.round(bytes / count)} B`;
};

const compareAlone = (): void => {
  console.log('| message | own | zlib level 1 | level 3 | level 6 |');
  console.log('|---|---|---|---|---|');
  for (const length of [40, 125, 300, 1000, 4096, 16_384, 65_536]) {
    const messages = messagesOf(length, Math.max(6, Math.min(200, 400_000 / length)));
    const makes = [ownCompress, ...[1, 3, 6].map((level) => () => zlibCompress(level))];
    console.log(`| ${length} B | ${makes.map((make) => compressing(make, messages)).join(' | ')} |`);
  }
};

const compareEchoes = async (rounds: number): Promise<void> => {
  console.log(
    `Node ${process.version}, zlib ${process.versions.zlib}, ${connections} connections, ${rounds} rounds`,
  );
  console.log(
    '| message | takeover | session, µs | streams level 6, µs | ratio | streams level 3, µs | ratio |',
  );
  console.log('|---|---|---|---|---|---|---|');
  for (const takeover of [true, false]) {
    for (const length of [125, 1024, 16_384, 65_536]) {
      const wire = await compressAll(
        messagesOf(length, Math.max(6, Math.min(400, 400_000 / length))),
        takeover,
      );
      const times: [number[], number[], number[]] = [[], [], []];
      for (let round = 0; round <= rounds; round += 1) {
        const extension = permessageDeflate({
          serverNoContextTakeover: !takeover,
          clientNoContextTakeover: !takeover,
        });
        const open: (() => Echo)[] = [
          () => {
            const session = extension.answer([{ name: extension.name, parameters: [] }])?.createSession();
            if (session === undefined) throw new Error('the offer was declined');
            return sessionEcho(session);
          },
          () => streamEcho(takeover, 6),
          () => streamEcho(takeover, 3),
        ];
        for (const [index, make] of open.entries()) {
          const echoes = Array.from({ length: connections }, make);
          const time = await cpuOf(echoes, wire);
          for (const echo of echoes) echo.close();
          if (round > 0) times[index]?.push(time); // the first round warms up
        }
      }
      const [session, six, three] = [median(times[0]), median(times[1]), median(times[2])];
      console.log(
        `| ${length} B | ${takeover ? 'on' : 'off'} | ${session.toFixed(1)} | ${six.toFixed(1)} | ${(six / session).toFixed(1)} | ${three.toFixed(1)} | ${(three / session).toFixed(1)} |`,
      );
    }
  }
};

if (process.argv[2] === 'alone') compareAlone();
else await compareEchoes(Number(process.argv[2] ?? 5));
