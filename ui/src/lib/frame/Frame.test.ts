import { screen } from '@testing-library/svelte';
import { expect, it } from 'vitest';

import { FakeBackend } from '$lib/backend/fake';
import { SCREEN_NAMES } from '$lib/messages';
import type { FrameView } from '$lib/backend';
import { SCREENS } from '$lib/router.svelte';

import { openAt, expectAccessible } from '../../test/program';

/** Opens with a frame that the fake itself never shows. */
function openWith(change: (frame: FrameView) => FrameView) {
  return openAt('home', {
    before: (fake) => {
      const frame = FakeBackend.prototype.frame.bind(fake);
      fake.frame = async () => change(await frame());
    },
  });
}

it('leads to every screen and starts reading at its title', async () => {
  const { user } = await openAt('home');
  for (const name of [...SCREENS].reverse()) {
    await user.click(screen.getByTestId(`nav-${name}`));
    await expect.poll(() => document.activeElement?.textContent).toBe(SCREEN_NAMES[name]);
    expect(document.title).toBe(`【練習】${SCREEN_NAMES[name]} - とどけ`);
  }
});

it('counts down to the end of the window', async () => {
  await openAt('home');
  expect(screen.getByTestId('window')).toHaveTextContent('6月請求 締切まで あと5日 10日 17:00まで安心');
  expect(screen.getByTestId('connection')).toHaveTextContent('接続中 国保連 4分前');
});

it('says when the next window opens', async () => {
  await openAt('home', { before: (fake) => fake.advanceMinutes(60 * 24 * 25) });
  expect(screen.getByTestId('window')).toHaveTextContent('7月請求 受付開始まで あと1日 7月1日（水）から10日まで');
});

it('moves the time of a demonstration, and says what came of it', async () => {
  const { fake, user } = await openAt('home');
  await fake.stage('/fake/KK260601.CSV', '62b99f15130c60661ad936fdaa2817285e4379b1c34abc2beffcab52479fafb5');
  const monthEnd = screen
    .getAllByTestId('demo-milestone')
    .find((button) => button.dataset.at === '2026-06-30T17:00:00+09:00') as HTMLElement;
  expect(monthEnd).toHaveTextContent('6月30日まで時間を進める 6月審査の結果が届きます');
  await user.click(monthEnd);
  await expect
    .poll(() => screen.getByTestId('announcement').textContent)
    .toBe('時間を進めました。いまは令和8年6月30日（火）17:00です。まだ開いていない通知が2件あります。');
  expect(screen.getByTestId('demo-now')).toHaveTextContent('令和8年6月30日（火）17:00');
});

it('shows nothing of a demonstration on a real relay', async () => {
  const { container } = await openWith((frame) => ({ ...frame, demo: null }));
  expect(screen.queryByTestId('practice-band')).toBeNull();
  await expectAccessible(container);
});

it('asks to sign in again when the session has ended, and nothing disappears meanwhile', async () => {
  const { user } = await openWith((frame) => ({
    ...frame,
    connection: { ...frame.connection, state: 'signed_out' },
  }));
  expect(await screen.findByTestId('signed-out-band')).toHaveTextContent('送信待ちのファイルは残っています');
  expect(screen.getByTestId('card-fix')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'ログインする' }));
  expect(screen.getByTestId('login-id')).toHaveValue('H9900001');
  await user.click(screen.getByRole('button', { name: 'あとでログインする' }));
  expect(await screen.findByTestId('card-fix')).toBeVisible();
});

it('says in its own words that the relay has a fault', async () => {
  await openWith((frame) => ({
    ...frame,
    connection: {
      ...frame.connection,
      state: 'faulty',
      problem: { code: 'E-1304', message: '中継サーバーで不具合が起きています。', retryable: true },
    },
  }));
  expect(await screen.findByTestId('faulty-band')).toHaveTextContent(
    '中継サーバーで不具合が起きています。（番号 E-1304）',
  );
});

it('names the office without a choice when there is only one', async () => {
  await openWith((frame) => ({
    ...frame,
    account: frame.account && { ...frame.account, role: 'office', offices: frame.account.offices.slice(0, 1) },
  }));
  expect(screen.getByTestId('only-office')).toHaveTextContent('さくらデイサービス');
  expect(screen.queryByTestId('office-select')).toBeNull();
});
