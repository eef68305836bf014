import { screen } from '@testing-library/svelte';
import { expect, it } from 'vitest';

import { openAt } from '../test/program';
import guide from '../../../docs/guide/キー操作.md?raw';
import { pages } from './help/pages';
import { HELP_PAGES, SHORTCUTS } from './shortcuts';

it('the guide lists exactly the keys that work', () => {
  const listed = [...guide.matchAll(/^\| (F\d|Ctrl\+.) \| (.+) \|$/gm)].map(([, keys, text]) => [keys, text]);
  expect(listed).toEqual(SHORTCUTS.map(({ keys, text }) => [keys, text]));
  for (const page of Object.values(HELP_PAGES)) expect(pages().map(({ id }) => id)).toContain(page);
});

it('keys lead everywhere, and none works while kana are converted', async () => {
  const { user, fake } = await openAt('home');
  await user.keyboard('{Control>}3{/Control}');
  expect(await screen.findByTestId('work-search')).toBeVisible();
  await user.keyboard('{Control>}f{/Control}');
  expect(screen.getByTestId('work-search')).toHaveFocus();
  await user.keyboard('{F1}');
  expect(await screen.findByTestId('guide-page')).toHaveAttribute('data-page', '返戻');
  await user.keyboard('{F5}');
  await expect.poll(() => fake.calls).toContain('syncNow');
  await user.keyboard('{Control>}o{/Control}');
  expect(await screen.findByTestId('drop-area')).toBeVisible();
  await expect.poll(() => fake.calls).toContain('chooseFiles');
  window.dispatchEvent(new KeyboardEvent('keydown', { key: '1', ctrlKey: true, isComposing: true }));
  expect(screen.getByTestId('drop-area')).toBeVisible();
  await user.keyboard('{Control>},{/Control}');
  expect(await screen.findByTestId('news-on')).toBeVisible();
});

it('no key works before anybody has signed in', async () => {
  const { openSignedOut } = await import('../test/program');
  const { user, fake } = await openSignedOut();
  await user.keyboard('{Control>}o{/Control}');
  expect(fake.calls).not.toContain('chooseFiles');
});
