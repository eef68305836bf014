import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { build } from 'vite';
import { beforeAll, describe, expect, it } from 'vitest';

import { CORPORATION_NAME, CORPORATION_NUMBER, OFFICES, TEMPORARY_PASSWORD } from '../src/lib/backend/fake-data';

const ROOT = new URL('..', import.meta.url).pathname;
const OUT = 'node_modules/.cache/bundle-test';

let files: Map<string, string>;

/** Words that only the fake says. */
const FAKE_WORDS = [
  'todokeFake',
  CORPORATION_NAME,
  CORPORATION_NUMBER,
  TEMPORARY_PASSWORD,
  ...OFFICES.flatMap((office) => [office.name, office.number]),
  '架空県',
  'KK260601',
];

async function readBundle(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(name, 'utf8')] as const)));
}

beforeAll(async () => {
  // vitest sets NODE_ENV to test; the bundle that ships is a production one.
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  await build({ root: ROOT, logLevel: 'error', build: { outDir: OUT } });
  process.env.NODE_ENV = before;
  files = await readBundle(join(ROOT, OUT));
});

describe('the bundle that ships', () => {
  it('holds nothing of the fake', () => {
    const found = [...files].flatMap(([name, text]) =>
      FAKE_WORDS.filter((word) => text.includes(word)).map((word) => [name, word]),
    );
    expect(found).toEqual([]);
  });

  it('would be caught holding the fake', async () => {
    const browser = await readBundle(join(ROOT, 'dist-browser'));
    const all = [...browser.values()].join('\n');
    expect(FAKE_WORDS.filter((word) => !all.includes(word))).toEqual([]);
  });

  it('needs nothing that the content security policy forbids', () => {
    const html = [...files].find(([name]) => name.endsWith('index.html'))?.[1] ?? '';
    expect(html).toContain('<html lang="ja">');
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/);
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
    const css = [...files].filter(([name]) => name.endsWith('.css')).map(([, text]) => text);
    expect(css.length).toBeGreaterThan(0);
    for (const text of css) expect(text).not.toMatch(/@import|url\(\s*["']?(?:https?:)?\/\//);
    for (const [name, text] of files) {
      if (name.endsWith('.js')) expect(text, name).not.toMatch(/\beval\(|new Function\(/);
    }
  });
});
