import { expect, it } from 'vitest';

import { href, parseHash } from './router.svelte';

it('reads screens and items', () => {
  expect(parseHash('#/send')).toEqual({ screen: 'send', item: null });
  expect(parseHash('#/notices/d1%2Fd2')).toEqual({ screen: 'notices', item: 'd1/d2' });
});

it('leads home from anywhere unknown', () => {
  for (const hash of ['', '#', '#/', '#/nowhere', '#/Send']) {
    expect(parseHash(hash)).toEqual({ screen: 'home', item: null });
  }
});

it('reads what it writes', () => {
  const item = '9970000015.990010.0000000101.2026-05.7131.returned';
  expect(parseHash(href('returns', item))).toEqual({ screen: 'returns', item });
});
