// Usage: node stream.js URL. Prints {"results": …} for undici's WebSocketStream.
import { WebSocketStream } from 'undici';

const [, , url] = process.argv;
const open = async (options) => {
  const stream = new WebSocketStream(url, options);
  const { readable, writable, protocol } = await stream.opened;
  const [reader, writer] = [readable.getReader(), writable.getWriter()];
  const ask = async (data) => {
    await writer.write(data);
    return (await reader.read()).value;
  };
  return { stream, protocol, reader, ask };
};
const same = (got, bytes) => got instanceof Uint8Array && Buffer.from(got).equals(Buffer.from(bytes));

const results = {};
const { stream, protocol, ask } = await open({ protocols: ['other', 'interop'] });
results.subprotocol = protocol === 'interop';
results.text = (await ask('text: ä€😀')) === 'text: ä€😀';
const few = Uint8Array.of(0, 1, 254, 255);
results.binary = same(await ask(few), few);
results.empty = (await ask('')) === '' && same(await ask(new Uint8Array(0)), []);
const many = Uint8Array.from({ length: 1 << 20 }, (_, index) => (index * 7) % 251);
results['1 MiB'] = same(await ask(many), many);
results.fragmented = (await ask('fragments')) === 'one,two,three';
results.ping = (await ask('ping')) === 'pong came';
stream.close({ closeCode: 4001, reason: 'bye' });
results['close by client'] = (await stream.closed).closeCode === 4001;
const second = await open();
void second.ask('close 4002 bye').catch(() => {});
const { closeCode, reason } = await second.stream.closed;
results['close by server'] = closeCode === 4002 && reason === 'bye';
console.log(JSON.stringify({ results }));
process.exit(0);
