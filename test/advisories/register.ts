/**
 * Advisories of WebSocket software, and the test that keeps each of them out of here.
 *
 * The rule of this file: an advisory has a test, or a reason why it cannot concern this engine. Several stand in one
 * row where the input is the same.
 */

export interface Row {
  /** CVE, GHSA or other names. */
  readonly ids: readonly string[];
  /** Whose it was. */
  readonly of: string;
  /** Name of the file, without `.test.ts`; undefined when there is none. */
  readonly test?: string;
  /** Why there is none. */
  readonly reason?: string;
}

const row = (test: string, of: string, ...also: readonly string[]): Row => ({
  ids: [test, ...also],
  of,
  test,
});
const none = (reason: string, of: string, ...ids: readonly string[]): Row => ({ ids, of, reason });

export const register: readonly Row[] = [
  // Messages, limits and memory.
  row('CVE-2016-10518', 'ws'),
  row('CVE-2016-10542', 'ws, uws, Qt', 'GHSA-6663-c963-2gqg', 'CVE-2016-10544', 'CVE-2018-21035'),
  row('GHSA-58qx-3vcg-4xpx', 'ws'),
  row('CVE-2026-58045', 'Node.js'),
  row('CVE-2026-48779', 'ws', 'GHSA-96hv-2xvq-fx4p'),
  row('CVE-2026-62389', 'ws'),
  row('ws-a2f4e7c', 'ws 8.21.1'),
  row('ws-2335', 'ws'),
  row('ws-ace7248', 'ws 8.23.0'),
  row('CVE-2026-109932', 'undici', 'GHSA-9fm3-97px-rjf6'),
  row('CVE-2026-11586', 'curl'),
  row('CVE-2026-9675', 'undici'),
  row('CVE-2026-12151', 'undici'),
  row('CVE-2014-0193', 'Netty, http4s blaze, Undertow', 'CVE-2026-73493', 'CVE-2026-15565'),
  row('CVE-2026-65623', 'Bandit', 'CVE-2026-39804', 'CVE-2026-42786'),
  row('CVE-2026-54274', 'aiohttp', 'PYSEC-2026-4395'),
  row('CVE-2022-35922', 'rust-websocket'),
  row('CVE-2020-35896', 'ws (Rust)'),
  row('CVE-2021-3690', 'Undertow'),
  // Lengths and frames.
  row('CVE-2026-1528', 'undici'),
  row(
    'CVE-2020-27813',
    'gorilla, aiohttp, Tomcat, facil.io',
    'CVE-2026-123817',
    'CVE-2020-13935',
    'facil.io 0.7.1',
  ),
  row('CVE-2026-54466', 'websocket-driver, also for Ruby', 'GHSA-xv26-6w52-cph6', 'CVE-2026-54463'),
  row('CVE-2026-15711', 'libsoup'),
  row('CVE-2026-59881', 'aiohttp'),
  row('beast-1.69', 'Boost.Beast'),
  // Compression.
  row(
    'CVE-2026-1526',
    'undici, WeeChat, eventlet, Tornado',
    'WSA-2026-1',
    'GHSA-9p9m-jm8w-94p2',
    'Tornado PR 2391',
  ),
  row(
    'CVE-2026-54490',
    'websocket-driver, also for Ruby, autobahn-python, websockets',
    'GHSA-mp7j-qc5w-4988',
    'CVE-2026-54464',
    'GHSA-hxp9-w8x3-p566',
    'CVE-2018-1000518',
  ),
  row('GHSA-x8v2-478q-2hvg', 'AsyncHttpClient, libsoup', 'CVE-2026-15709'),
  row('CVE-2026-27571', 'nats-server'),
  row('CVE-2026-2229', 'undici'),
  row('CVE-2026-1605', 'Jetty'),
  row('websockets-16.1', 'websockets'),
  // Opening handshake: grammar.
  row('GHSA-5v72-xg48-5rpm', 'ws', 'WS-2017-0421'),
  row('CVE-2021-32640', 'ws'),
  row('CVE-2020-7662', 'websocket-extensions, also for Ruby', 'CVE-2020-7663'),
  row('CVE-2023-26103', 'Deno'),
  row('CVE-2024-37890', 'ws'),
  row('CVE-2026-54465', 'websocket-driver for Ruby'),
  row('CVE-2023-37276', 'aiohttp'),
  row('CVE-2026-42544', 'granian'),
  row('CVE-2023-43669', 'tungstenite', 'RUSTSEC-2023-0065'),
  row('CVE-2026-59898', 'Netty'),
  row('CVE-2026-69243', 'aiohttp'),
  row(
    'CVE-2019-15605',
    'Node.js, llhttp',
    'CVE-2020-8287',
    'CVE-2021-22959',
    'CVE-2021-22960',
    'CVE-2022-32213',
    'CVE-2022-32214',
    'CVE-2022-32215',
    'CVE-2022-35256',
    'CVE-2023-30589',
    'CVE-2024-27982',
    'CVE-2025-23167',
  ),
  row('CVE-2026-21710', 'Node.js'),
  row('CVE-2026-58044', 'Node.js'),
  row('CVE-2018-12122', 'Node.js', 'CVE-2019-5737', 'CVE-2020-8251'),
  // Opening handshake: who may come in, and where to.
  row(
    'CVE-2026-44211',
    'Cline, webpack-dev-server, Vite, farm',
    'GHSA-cf66-xwfp-gvc4',
    'CVE-2026-112085',
    'GHSA-vg6x-rcgg-rjx6',
    'GHSA-p773-8mf4-rjm5',
  ),
  row('CVE-2026-27977', 'Next.js'),
  row('CVE-2026-59390', 'Spring', 'CVE-2026-59428'),
  row('CVE-2020-28481', 'socket.io'),
  row('CVE-2026-126344', '@hono/node-server'),
  row('CVE-2026-76183', 'Tomcat'),
  row('CVE-2026-15631', '@fastify/http-proxy'),
  row('CVE-2026-130647', '@fastify/http-proxy'),
  row('CVE-2026-129500', '@fastify/http-proxy'),
  row('CVE-2026-129502', '@fastify/http-proxy'),
  row('CVE-2026-133111', '@fastify/http-proxy'),
  row('CVE-2026-127060', '@fastify/http-proxy'),
  row('CVE-2026-2833', 'Pingora'),
  row('CVE-2020-7693', 'sockjs'),
  row('CVE-2026-43966', 'cowboy'),
  row('CVE-2026-59724', 'engine.io'),
  // Life of sockets and processes.
  row('CVE-2022-21676', 'engine.io'),
  row('CVE-2022-41940', 'engine.io'),
  row('CVE-2020-36048', 'engine.io'),
  row('CVE-2026-126343', '@hono/node-server'),
  row('CVE-2026-73565', '@hono/node-server'),
  row('CVE-2026-59725', 'engine.io'),
  row('CVE-2024-38355', 'socket.io'),
  row('CVE-2022-39386', '@fastify/websocket'),
  row('CVE-2017-16031', 'socket.io'),
  row('CVE-2024-23672', 'Tomcat'),
  row('CVE-2017-2670', 'Undertow'),
  // Clients.
  row('CVE-2026-1527', 'undici'),
  row('CVE-2022-31150', 'undici'),
  row('CVE-2023-23936', 'undici'),
  row('CVE-2026-1525', 'undici'),
  row('CVE-2026-55517', 'Deno'),
  row('CVE-2026-47073', 'hackney'),
  row('CVE-2026-43973', 'gun'),
  row('CVE-2026-43974', 'gun'),
  row('CVE-2024-23326', 'Envoy'),
  row('CVE-2020-15133', 'faye, Node.js', 'CVE-2020-15134', 'CVE-2021-22939'),
  row('CVE-2018-8034', 'Tomcat, Java-WebSocket', 'CVE-2020-11050'),
  row('CVE-2026-42498', 'Tomcat'),
  // What cannot concern this engine.
  none('no session is resumed, so no token is bound to one', 'engine.io', 'CVE-2026-102599'),
  none(
    'no sub-protocol is shipped: a message is a string or bytes, and is not parsed',
    'socket.io-parser',
    'CVE-2020-36049',
    'CVE-2022-2421',
    'CVE-2023-32695',
    'CVE-2026-33151',
    'CVE-2026-69185',
  ),
  none('nothing is proxied', 'Next.js, Envoy', 'GHSA-c4j6-fc7j-m34r', 'CVE-2025-64763'),
  none('no credentials are compared: that is the application’s', 'websockets', 'CVE-2021-33880'),
  none('no address filter is offered', 'Deno', 'GHSA-83pc-3rw9-qpwj'),
  none(
    'HTTP/2 is not spoken',
    'Node.js',
    'CVE-2021-22883',
    'CVE-2023-44487',
    'CVE-2024-27983',
    'CVE-2025-23085',
    'CVE-2025-59465',
    'CVE-2026-21714',
    'CVE-2026-56846',
    'CVE-2026-56848',
    'CVE-2026-48619',
  ),
  none(
    'memory is safe in JavaScript, and there is no topic tree',
    'uWebSockets, nopoll',
    'CVE-2026-50161',
    'CVE-2021-45945',
    'nopoll 84',
  ),
];
