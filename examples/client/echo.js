import { connect, listen } from 'framewright';

const server = await listen('localhost:0', (to) => to.upgrade((peer) => peer.readable.pipeTo(peer.writable)));
const connection = await connect(server.url);
await connection.send('hello');
console.log(await connection.recv(), (await connection.close()).code);
await server.close();
