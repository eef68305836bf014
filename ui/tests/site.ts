import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll } from 'vitest';

import type { FakeBackend } from '../src/lib/backend/fake';

declare global {
  interface Window {
    todokeFake: FakeBackend;
  }
}

/** Folder of the bundle made by `vite build --mode browser`. */
const BUNDLE = new URL('../dist-browser/', import.meta.url).pathname;

/** The policy of the real window (src-tauri), without its channel to Rust: what it forbids must not be needed. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const TYPES: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
};

/** The bundle on a loopback port and a browser to look at it. */
interface Site {
  url: string;
  browser: Browser;
  close(): Promise<void>;
}

async function openSite(): Promise<Site> {
  const server = await serve();
  const { port } = server.address() as AddressInfo;
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  return {
    url: `http://127.0.0.1:${port}/`,
    browser,
    async close() {
      await browser.close();
      await new Promise((done) => server.close(done));
    },
  };
}

/** Opens the program at its sign-in page; anything on its console or thrown by it fails the test. */
export async function openWindow(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await site.browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'ja-JP',
    timezoneId: 'Asia/Tokyo',
    ...options,
  });
  // So does the real window, and libraries that write to prototypes fail under it.
  await context.addInitScript(() => Object.freeze(Object.prototype));
  const page = await context.newPage();
  page.on('pageerror', (error) => {
    throw error;
  });
  page.on('console', (message) => {
    if (message.type() === 'error') throw new Error(`console: ${message.text()}`);
  });
  await page.goto(site.url);
  await page.getByTestId('login-submit').waitFor();
  return page;
}

/** Opens the program signed in, as on the second day. */
export async function openSignedIn(options: BrowserContextOptions = {}): Promise<Page> {
  const page = await openWindow(options);
  await page.evaluate(() => {
    window.todokeFake.signIn();
    window.todokeFake.setOffline(false);
  });
  await page.getByTestId('nav-home').waitFor();
  return page;
}

async function serve(): Promise<Server> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    const file = join(BUNDLE, path === '/' ? 'index.html' : path);
    readFile(file).then(
      (content) => {
        response.writeHead(200, {
          'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
          'content-security-policy': CONTENT_SECURITY_POLICY,
        });
        response.end(content);
      },
      () => {
        response.writeHead(404);
        response.end();
      },
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

/** The site of the tests in the file that imports this: opened before the first, closed after the last. */
export const site = await openSite();
afterAll(() => site.close());
