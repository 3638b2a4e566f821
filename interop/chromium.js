// A page in a real Chromium that holds the conversation with our server.
import { chromium } from 'playwright-core';
import { converse } from './browser-client.js';
import { servePage } from './page.js';

/** Starts the browser. @returns its version, how to hold a conversation, and how to end it */
export async function startChromium(executablePath) {
  const page = await servePage();
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const tab = await browser.newPage();
  await tab.goto(page.url);
  const talk = async (url) => ({
    results: await tab.evaluate(`(${converse})(WebSocket, ${JSON.stringify(url)})`),
  });
  const stop = async () => {
    await browser.close();
    page.stop();
  };
  return { version: browser.version(), talk, stop };
}
