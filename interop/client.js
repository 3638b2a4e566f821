// The conversation of our own client with an echo server: of `interop/echo.js` behind a proxy, or of somebody else's.
// Servers that nobody here wrote echo everything; the text `close 4002 bye` has them close.
import { connect } from 'framewright';

/** @returns which parts of the conversation went as they should, and the extensions that were agreed on */
export async function converseAsClient(url, options = {}) {
  const results = {};
  const connection = await connect(url, {
    subprotocols: ['other', 'interop'],
    perMessageDeflate: true,
    maxMessageSize: 4 << 20,
    maxFrameSize: 4 << 20,
    ...options,
  });
  const ask = async (message) => {
    await connection.send(message);
    return connection.recv();
  };
  const same = async (message) => {
    const echo = await ask(message);
    return typeof echo === typeof message && Buffer.from(echo).equals(Buffer.from(message));
  };
  results.subprotocol = connection.subprotocol === 'interop';
  results.text = await same('text: \u00e4\u20ac\u{1f600}');
  results.binary = await same(Buffer.from([0, 1, 254, 255]));
  results.empty = (await same('')) && (await same(Buffer.alloc(0)));
  const many = Buffer.from(Uint8Array.from({ length: 1 << 20 }, (_, index) => (index * 7) % 251));
  results['1 MiB'] = (await same(many)) && (await same('x'.repeat(1 << 20)));
  const chunks = async function* () {
    yield 'a';
    yield 'b';
    yield 'c';
  };
  results.fragmented = (await ask(chunks())) === 'abc';
  results.ping = (await connection.ping('are you there?')) >= 0;
  const own = await connection.close(4001, 'bye');
  results['close by client'] = own.code === 4001 && own.clean;
  const second = await connect(url, options);
  await second.send('close 4002 bye');
  const theirs = await second.closed;
  results['close by server'] = theirs.code === 4002 && theirs.reason === 'bye' && theirs.clean;
  return { results, extensions: connection.extensions.map(({ name }) => name) };
}
