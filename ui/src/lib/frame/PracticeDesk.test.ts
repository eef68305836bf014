import { screen, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';

import { FakeBackend } from '$lib/backend/fake';

import { expectAccessible, openAt, openSignedOut } from '../../test/program';

const FILE = 'KK260601.CSV';

function practise(fake: FakeBackend) {
  fake.practiceView = {
    files: [{ name: FILE, about: '誤りのない請求です。' }],
    corporation_number: '9900000001',
    login_id: 'sakura-honbu',
    password: 'renshu-2026-renshu',
  };
}

/** Lets the fake be a program with real data: its frame tells of no demonstration. */
function real(fake: FakeBackend) {
  const frame = FakeBackend.prototype.frame.bind(fake);
  fake.frame = async () => ({ ...(await frame()), demo: null });
}

it('says on every screen that it is practice: band, frame and title', async () => {
  const { container } = await openAt('returns', { before: practise });
  expect(screen.getByTestId('practice-band')).toHaveTextContent('国保連へは送られません。お金も動きません。');
  expect(screen.getByTestId('practice-desk')).toBeVisible();
  expect(container.querySelector('.border-practice')).not.toBeNull();
  expect(document.title).toBe('【練習】返戻・未収 - とどけ');
  await expectAccessible(container);
});

it('lays its files on the desk, says how it goes, and ends at one press', async () => {
  const { fake, user, container } = await openAt('home', { before: practise });
  await user.click(screen.getByTestId('practice-open'));
  const desk = within(screen.getByTestId('practice-desk'));
  expect(desk.getByText('誤りのない請求です。')).toBeVisible();
  expect(desk.getByText(/sakura-honbu/)).toBeVisible();
  await expectAccessible(container);
  await user.click(desk.getByTestId('practice-lay'));
  expect((await screen.findByTestId('file-card')).dataset.file).toBe(FILE);
  expect(screen.getByTestId('nav-send')).toHaveAttribute('aria-current', 'page');
  expect(desk.getByTestId('practice-open')).toHaveAttribute('aria-expanded', 'false');
  await user.click(screen.getByTestId('practice-end'));
  expect(fake.calls).toContain('endPractice');
});

it('is begun from the settings of a program with real data, which stays as it is', async () => {
  const { fake, user, container } = await openAt('settings', { before: real });
  expect(screen.queryByTestId('practice-band')).toBeNull();
  expect(screen.queryByTestId('practice-desk')).toBeNull();
  expect(document.title).toBe('設定 - とどけ');
  await user.click(screen.getByTestId('practice-begin'));
  expect(await screen.findByText(/紫の枠で囲まれた窓が練習です/)).toBeVisible();
  expect(fake.calls).toContain('beginPractice');
  await expectAccessible(container);
});

it('is begun by who has no ID yet, and never from within a practice', async () => {
  const { fake, user } = await openSignedOut({ before: real });
  await user.click(screen.getByTestId('practice-begin'));
  expect(fake.calls).toContain('beginPractice');
});

it('offers no practice within a practice', async () => {
  await openAt('settings', { before: practise });
  expect(screen.queryByTestId('practice-begin')).toBeNull();
});
