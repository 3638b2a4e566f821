// The conversation of a client that has the WebSocket interface of browsers. It is handed to pages as text, so it may
// use nothing from outside.

/** @returns which parts of the conversation went as they should */
export async function converse(WebSocket, url) {
  const open = (protocols) =>
    new Promise((resolve, reject) => {
      const socket = protocols === undefined ? new WebSocket(url) : new WebSocket(url, protocols);
      socket.binaryType = 'arraybuffer';
      const queue = [];
      const takers = [];
      socket.onmessage = ({ data }) => {
        const taker = takers.shift();
        if (taker === undefined) queue.push(data);
        else taker(data);
      };
      const closed = new Promise((done) => {
        socket.onclose = ({ code, reason, wasClean }) => done({ code, reason, wasClean });
      });
      const next = () =>
        queue.length > 0 ? Promise.resolve(queue.shift()) : new Promise((take) => takers.push(take));
      socket.onerror = () => reject(new Error('no connection'));
      socket.onopen = () => resolve({ socket, next, closed });
    });
  const results = {};
  const { socket, next, closed } = await open(['other', 'interop']);
  results.subprotocol = socket.protocol === 'interop';
  const ask = async (data) => {
    socket.send(data);
    return next();
  };
  const equal = (data, bytes) => {
    const got = new Uint8Array(data);
    return got.length === bytes.length && got.every((byte, index) => byte === bytes[index]);
  };
  results.text = (await ask('text: \u00e4\u20ac\u{1f600}')) === 'text: \u00e4\u20ac\u{1f600}';
  const few = Uint8Array.of(0, 1, 254, 255);
  results.binary = equal(await ask(few), few);
  results.empty = (await ask('')) === '' && equal(await ask(new Uint8Array(0)), new Uint8Array(0));
  const many = Uint8Array.from({ length: 1 << 20 }, (_, index) => (index * 7) % 251);
  results['1 MiB'] = equal(await ask(many), many) && (await ask('x'.repeat(1 << 20))).length === 1 << 20;
  results.fragmented = (await ask('fragments')) === 'one,two,three';
  results.ping = (await ask('ping')) === 'pong came';
  socket.close(4001, 'bye');
  const own = await closed;
  results['close by client'] = own.code === 4001 && own.wasClean !== false;
  const second = await open();
  second.socket.send('close 4002 bye');
  const theirs = await second.closed;
  results['close by server'] = theirs.code === 4002 && theirs.reason === 'bye';
  return results;
}
