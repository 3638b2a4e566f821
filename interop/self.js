// Our client and our server in one process: for runtimes other than Node. Prints {"results": …}.
import { converseAsClient } from './client.js';
import { sawBothCloses, startEcho } from './echo.js';

const { server, url, closures } = await startEcho();
const { results, extensions } = await converseAsClient(url);
await server.close({ timeout: 1_000 });
const seen = sawBothCloses(closures);
for (const part of Object.keys(seen)) results[part] &&= seen[part];
results.compression = extensions.includes('permessage-deflate');
console.log(JSON.stringify({ results }));
