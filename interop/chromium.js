// A page in a real Chromium that holds the conversation with our server.
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';
import { converse } from './browser-client.js';

/** @returns the conversation's results and the browser's version */
export async function converseInChromium(url, executablePath) {
  const page = createServer((_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('page'),
  );
  await new Promise((resolve) => page.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const tab = await browser.newPage();
    await tab.goto(`http://127.0.0.1:${page.address().port}/`);
    const results = await tab.evaluate(`(${converse.toString()})(WebSocket, ${JSON.stringify(url)})`);
    return { version: browser.version(), results };
  } finally {
    await browser.close();
    page.close();
  }
}
