// The conversation of our own client with an echo server: `interop/echo.js`, or somebody else's. All of them echo, and
// know these texts as commands: `close 4002 bye` has them close, `last closure` tells which Close they got last.
// `fragments` and `ping` have a server send what its name says; one whose interface has no way to do so echoes them.
import { connect } from 'framewright';

/** Asks until the server has got word of our Close. One whose interface does not tell the reason says the code. */
async function sawOurClose(connection) {
  for (let tries = 0; tries < 40; tries += 1) {
    await connection.send('last closure');
    const told = await connection.recv();
    if (told === '4001 bye' || told === '4001') return true;
    await new Promise((go) => setTimeout(go, 50));
  }
  return false;
}

/**
 * @param without parts that are left out
 * @returns which parts of the conversation went as they should, and the extensions that were agreed on
 */
export async function converseAsClient(url, options = {}, without = []) {
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
  if (!without.includes('empty')) results.empty = (await same('')) && (await same(Buffer.alloc(0)));
  const many = Buffer.from(Uint8Array.from({ length: 1 << 20 }, (_, index) => (index * 7) % 251));
  results['1 MiB'] = (await same(many)) && (await same('x'.repeat(1 << 20)));
  const chunks = async function* () {
    yield 'a';
    yield 'b';
    yield 'c';
  };
  const joined = (await ask(chunks())) === 'abc';
  results.fragmented = joined && ['one,two,three', 'fragments'].includes(await ask('fragments'));
  const answered = (await connection.ping('are you there?')) >= 0;
  results.ping = answered && ['pong came', 'ping'].includes(await ask('ping'));
  const own = await connection.close(4001, 'bye');
  const second = await connect(url, options);
  results['close by client'] = own.code === 4001 && own.clean && (await sawOurClose(second));
  await second.send('close 4002 bye');
  const theirs = await second.closed;
  results['close by server'] = theirs.code === 4002 && theirs.reason === 'bye' && theirs.clean;
  return { results, extensions: connection.extensions.map(({ name }) => name) };
}
