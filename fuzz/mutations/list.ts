/**
 * Protections of the engine, each with a way to take it away and the tests that must notice.
 *
 * The rule of this file: `text` stands exactly once in `file`. Where it does not, the run fails: a protection that was
 * rewritten needs its row rewritten.
 */

export interface Mutation {
  /** What is taken away. */
  readonly protection: string;
  readonly file: string;
  readonly text: string;
  readonly becomes: string;
  /** Test files of which one has to fail. */
  readonly tests: readonly string[];
}

const advisories = (...names: readonly string[]): string[] =>
  names.map((name) => `test/advisories/${name}.test.ts`);
const header = 'src/frame/header.ts';
const opening = 'src/framework/opening.ts';
const scanner = 'src/handshake/head-scanner.ts';

export const mutations: readonly Mutation[] = [
  {
    protection: 'the most significant bit of a length must be 0',
    file: header,
    text: "if (high >= 0x8000_0000) header.lengthForm = 'highBit';",
    becomes: "if (high < 0) header.lengthForm = 'highBit';",
    tests: advisories('CVE-2026-1528'),
  },
  {
    protection: 'a frame is no larger than the limit',
    file: header,
    text: "if (length > rules.maxFrameSize) return 'frameTooBig';",
    becomes: '',
    tests: ['test/frame/header.test.ts'],
  },
  {
    protection: 'frames are summed up',
    file: header,
    text: 'if (length > rules.maxMessageSize - progress.size)',
    becomes: 'if (length > rules.maxMessageSize)',
    tests: advisories('CVE-2026-9675', 'CVE-2014-0193', 'CVE-2020-27813'),
  },
  {
    protection: 'a burst holds no frame above the limit',
    file: 'src/frame/region.ts',
    text: 'Math.min(rules.maxFrameSize, regionSize)',
    becomes: 'regionSize',
    tests: ['test/frame/decoder.test.ts'],
  },
  {
    protection: 'a burst holds no message above the limit, in one frame or joined',
    file: 'src/frame/region.ts',
    text: 'Math.min(rules.maxMessageSize, regionSize)',
    becomes: 'regionSize',
    tests: ['test/frame/decoder.test.ts'],
  },
  {
    protection: 'a burst joins no more fragments than a message may have',
    file: 'src/frame/region.ts',
    text: 'Math.min(rules.maxFragments, regionSize)',
    becomes: 'regionSize',
    tests: ['test/frame/decoder.test.ts'],
  },
  {
    protection: 'what a burst brought and nobody took is masked again',
    file: 'src/frame/decoder.ts',
    text: 'if (taken < count && this.#rules.peerMasks) region.unscan(taken, count);',
    becomes: '',
    tests: ['test/frame/decoder.test.ts', 'test/connection/burst.test.ts'],
  },
  {
    protection: 'a burst begins behind a message, not within one',
    file: 'src/frame/decoder.ts',
    text: 'if (region !== undefined && at < end && !this.stopped && this.idle)',
    becomes: 'if (region !== undefined && at < end && !this.stopped)',
    tests: ['test/frame/decoder.test.ts'],
  },
  {
    protection: 'fragments are counted',
    file: header,
    text: 'if (progress.fragments >= rules.maxFragments)',
    becomes: 'if (progress.fragments < 0)',
    tests: advisories('CVE-2026-12151', 'ws-a2f4e7c'),
  },
  {
    protection: 'a reserved bit needs an extension',
    file: header,
    text: "if ((header.rsv & ~rules.rsv) !== 0) return 'reservedBits';",
    becomes: '',
    tests: advisories('CVE-2026-59881'),
  },
  {
    protection: 'a control frame has at most 125 bytes',
    file: header,
    text: "if (length > maxControlPayload) return 'longControl';",
    becomes: '',
    tests: advisories('CVE-2026-15711'),
  },
  {
    protection: 'memory follows bytes held, not bytes declared',
    file: 'src/connection/gathered-bytes.ts',
    text: 'if (needed < roomy) return Math.min(doubled, declared);',
    becomes: 'if (needed < roomy) return declared;',
    tests: advisories('CVE-2022-35922'),
  },
  {
    protection: 'the buffer of a message doubles',
    file: 'src/connection/gathered-bytes.ts',
    text: 'Math.max(needed * 2, smallest)',
    becomes: 'needed',
    tests: advisories('CVE-2026-65623'),
  },
  {
    protection: 'one Pong at most waits while the peer is slow',
    file: 'src/connection/sender.ts',
    text: 'this.#waiting().pong = new Uint8Array(payload);\n      return;',
    becomes: '',
    tests: advisories('ws-ace7248', 'CVE-2026-109932'),
  },
  {
    protection: 'what waits for a slow peer has a limit',
    file: 'src/connection/sender.ts',
    text: 'return together > maxWriteBufferSize ? together : 0;',
    becomes: 'return 0;',
    tests: advisories('CVE-2020-35896'),
  },
  {
    protection: 'what is received while there is no room and we close has no gap',
    file: 'src/connection/reader.ts',
    text: 'if (this.#dropping) return;',
    becomes: 'if (this.#owner.closing && inbox.full) return;',
    tests: ['test/connection/room.test.ts'],
  },
  {
    protection: 'a peer that never answers a Close is dropped',
    file: 'src/connection/deadlines.ts',
    text: 'if (!open) return this.#since + closeTimeout;',
    becomes: 'if (!open) return Infinity;',
    tests: advisories('CVE-2024-23672'),
  },
  {
    protection: 'a message is a string or bytes',
    file: 'src/connection/payload.ts',
    text: 'throw new TypeError(`a message is a string or bytes, ',
    becomes: 'return new Uint8Array(Number(value) || 0);\n  void new TypeError(`',
    tests: advisories('CVE-2016-10518'),
  },
  {
    protection: 'sizes of views come from the engine, not from properties',
    file: 'src/connection/payload.ts',
    text: 'const honest = value.length === length && value.byteLength === length;',
    becomes: 'const honest = true;',
    tests: advisories('CVE-2026-58045'),
  },
  {
    protection: 'inflating stops at the limit, on the event loop',
    file: 'src/extension/permessage-deflate/inflater.ts',
    text: 'if (total > limit) {',
    becomes: 'if (total > 2 ** 31) {',
    tests: advisories('CVE-2026-54490'),
  },
  {
    protection: 'inflating stops at the limit, on the thread pool',
    file: 'src/extension/permessage-deflate/inflater.ts',
    text: 'maxOutputLength: Math.min(Math.max(1, limit), longestResult),',
    becomes: 'maxOutputLength: longestResult,',
    tests: advisories('CVE-2026-1526', 'GHSA-x8v2-478q-2hvg'),
  },
  {
    protection: 'an origin is compared with the own one',
    file: 'src/handshake/origin.ts',
    text: 'return page.name === own.name && page.port === (own.port ?? defaultPort);',
    becomes: 'return true;',
    tests: advisories('CVE-2026-44211', 'CVE-2026-27977'),
  },
  {
    protection: 'a target is not resolved',
    file: 'src/handshake/target.ts',
    text: "if (target.startsWith('/')) return splitQuery(target);",
    becomes: "if (target.startsWith('/')) return splitQuery(new URL(target, 'ws://x').pathname);",
    tests: ['test/handshake/target.test.ts'],
  },
  {
    protection: 'only version 13',
    file: 'src/handshake/opening-request.ts',
    text: "return version === '13' ? undefined : 'version';",
    becomes: 'return undefined;',
    tests: advisories('CVE-2026-59898'),
  },
  {
    protection: 'a request has no body',
    file: 'src/handshake/opening-request.ts',
    text: "if (fields.has('transfer-encoding')) return 'transferEncoding';",
    becomes: '',
    tests: advisories('CVE-2026-69243', 'CVE-2019-15605'),
  },
  {
    protection: 'a field line ends with CR LF',
    file: scanner,
    text: "return byte === LF ? 'bareLineFeed' : 'badFieldValue';",
    becomes: 'return undefined;',
    tests: advisories('CVE-2023-37276', 'CVE-2019-15605'),
  },
  {
    protection: 'fields are counted',
    file: scanner,
    text: "if (this.#marks.length >= this.#limits.maxFields * 4) return 'tooManyFields';",
    becomes: '',
    tests: advisories('CVE-2026-54465', 'CVE-2026-43973'),
  },
  {
    protection: 'a head has a limit',
    file: scanner,
    text: "if (chunk.length > room) return this.#fail('headTooLarge');",
    becomes: '',
    tests: advisories('CVE-2026-54465', 'CVE-2026-43973'),
  },
  {
    protection: 'what an application puts into a head is judged',
    file: 'src/handshake/extra-headers.ts',
    text: "if (typeof value !== 'string' || !isFieldValue(value)) {",
    becomes: "if (typeof value !== 'string') {",
    tests: advisories('CVE-2026-1527', 'CVE-2026-43966'),
  },
  {
    protection: 'the fields of the handshake are ours',
    file: 'src/handshake/extra-headers.ts',
    text: 'if (reserved.has(name.toLowerCase()))',
    becomes: 'if (reserved.has(name))',
    tests: advisories('CVE-2026-1525'),
  },
  {
    protection: 'the accept value belongs to the key',
    file: 'src/handshake/opening-response.ts',
    text: "return singleField(fields, 'sec-websocket-accept') === accept ? undefined : 'badAccept';",
    becomes: 'return undefined;',
    tests: advisories('CVE-2026-43974'),
  },
  {
    protection: 'only a 101 opens',
    file: 'src/handshake/opening-response.ts',
    text: "if (head.status !== 101) return 'notSwitching';",
    becomes: '',
    tests: ['test/handshake/opening-response.test.ts'],
  },
  {
    protection: 'credentials stay with their origin',
    file: 'src/framework/client/redirect.ts',
    text: 'headers.filter(([name]) => !credentialFields.has(name.toLowerCase()));',
    becomes: 'headers.filter(([name]) => !credentialFields.has(name));',
    tests: advisories('CVE-2026-42498'),
  },
  {
    protection: 'certificates are verified',
    file: 'src/framework/client/dial.ts',
    text: 'rejectUnauthorized: true,',
    becomes: 'rejectUnauthorized: false,',
    tests: advisories('CVE-2020-15133', 'CVE-2018-8034'),
  },
  {
    protection: 'every socket has a listener for its errors',
    file: opening,
    text: "socket.on('error', ignore);",
    becomes: 'void socket;',
    tests: advisories('CVE-2026-126343', 'CVE-2026-129500'),
  },
  {
    protection: 'a refused socket is gone a second later, whatever its peer does',
    file: opening,
    text: 'setTimeout(() => socket.destroy(), refusalGrace)',
    becomes: 'setTimeout(() => {}, refusalGrace)',
    tests: advisories('CVE-2026-59725'),
  },
  {
    protection: 'masking keys are drawn anew',
    file: 'src/framework/runtime.ts',
    text: 'randomFillSync(keyPool);',
    becomes: 'keyPool.fill(0x5bd1e995);',
    tests: advisories('beast-1.69'),
  },
  {
    protection: 'the fuzz target of frames notices a key that is not rotated',
    file: 'src/frame/decoder.ts',
    text: 'rotateKey(',
    becomes: '((key: number, _by: number): number => key)(',
    tests: ['test/fuzz/smoke.test.ts'],
  },
  {
    protection: 'a Close that is acted on a turn later lies in memory of its own',
    file: 'src/connection/reader.ts',
    text: 'Uint8Array.from(payload)',
    becomes: 'payload',
    tests: ['test/fuzz/shared-memory.test.ts', 'test/connection/lent-close.test.ts'],
  },
  {
    protection: 'no message is a view of lent memory',
    file: 'src/connection/whole.ts',
    text: 'const fits = !lent && (',
    becomes: 'const fits = (',
    tests: ['test/fuzz/shared-memory.test.ts', 'test/connection/whole.test.ts'],
  },
  {
    protection: 'the model notices a message that overtakes a streamed one',
    file: 'src/connection/sender.ts',
    text: 'if (excess > 0 || !this.#idle) return',
    becomes: 'if (excess > 0 || this.#queue.length > 0) return',
    tests: ['test/fuzz/smoke.test.ts'],
  },
  {
    protection: 'the model notices an extension that is not released',
    file: 'src/connection/protocol.ts',
    text: 'session?.dispose();',
    becomes: 'session?.rsv;',
    tests: ['test/fuzz/smoke.test.ts'],
  },
  {
    protection: 'all connections together have a bound for what is inflated',
    file: 'src/connection/inflated.ts',
    text: 'if (this.#bytes > this.limit && ',
    becomes: 'if (this.#bytes < 0 && ',
    tests: ['test/connection/inflated.test.ts'],
  },
  {
    protection: 'what comes last and finds no room waits as bytes',
    file: 'src/connection/inbox.ts',
    text: 'this.#rest === undefined && !this.full',
    becomes: 'this.#rest === undefined',
    tests: ['test/connection/inbox.test.ts'],
  },
  {
    protection: 'those who flood stand back while sockets come',
    file: 'src/framework/turns.ts',
    text: 'standsBack = came && ',
    becomes: 'standsBack = false && ',
    tests: ['test/framework/turns.test.ts'],
  },
];
