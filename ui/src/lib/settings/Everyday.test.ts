import { screen, within } from '@testing-library/svelte';
import { afterEach, expect, it } from 'vitest';

import { dates } from '$lib/dates.svelte';

import { expectAccessible, openAt } from '../../test/program';

afterEach(() => {
  dates.style = 'era';
});

it('years are written as 和暦 or 西暦 at once, and the choice stays', async () => {
  const { user } = await openAt('notices');
  expect(screen.getAllByText(/令和8年/).length).toBeGreaterThan(0);
  expect(screen.queryByText(/2026年/)).toBeNull();
  await user.click(screen.getByTestId('nav-settings'));
  expect(await screen.findByTestId('dates-era')).toBeChecked();
  await user.click(screen.getByTestId('dates-western'));
  expect(localStorage.getItem('todoke.date-style')).toBe('western');
  await user.click(screen.getByTestId('nav-notices'));
  expect((await screen.findAllByText(/2026年/)).length).toBeGreaterThan(0);
});

it('messages are switched, and a wrong time is refused', async () => {
  const { user, fake, container } = await openAt('settings');
  const from = await screen.findByTestId('quiet-from');
  expect(from).toHaveValue('20:00');
  await user.clear(from);
  await user.type(from, '25時');
  await user.click(screen.getByTestId('news-save'));
  expect(await screen.findByText(/時刻は 20:00 のように/)).toBeVisible();
  await user.clear(from);
  await user.type(from, '19:30');
  await user.click(screen.getByTestId('news-on'));
  await user.selectOptions(screen.getByTestId('remind-days'), '5');
  await user.click(screen.getByTestId('news-save'));
  expect(await screen.findByText('お知らせの設定を変えました。')).toBeVisible();
  expect(fake.everyday.preferences).toMatchObject({ notifications: false, quiet_from: '19:30', remind_days: 5 });
  await expectAccessible(container);
});

it('a folder is watched; what it gets lies on the desk without leading anybody away', async () => {
  const { user, fake } = await openAt('settings');
  await user.click(await screen.findByTestId('watch-choose'));
  expect(await screen.findByTestId('watched-folder')).toHaveTextContent('/fake/過去のファイル');
  fake.everyday.away = true;
  fake.export([]);
  expect(await screen.findByTestId('watch-away')).toBeVisible();
  fake.everyday.away = false;
  fake.export(['/fake/KK260601.CSV']);
  await expect.poll(() => screen.getByTestId('announcement').textContent).toContain('1件のファイルを確認しました');
  expect(screen.getByTestId('watched-folder')).toBeVisible();
  await user.click(screen.getByTestId('nav-send'));
  expect(await screen.findByText('確認したファイル')).toBeVisible();
  await user.click(screen.getByTestId('nav-settings'));
  await user.click(await screen.findByTestId('watch-forget'));
  await expect.poll(() => screen.queryByTestId('watched-folder')).toBeNull();
});

it('a proxy is set with its password, which stays on the Rust side', async () => {
  const { user, fake, container } = await openAt('settings');
  await user.click(await screen.findByTestId('proxy-manual'));
  await user.type(screen.getByTestId('proxy-address'), 'proxy');
  await user.click(screen.getByTestId('proxy-save'));
  expect(await screen.findByText(/プロキシのアドレスは/)).toBeVisible();
  await user.type(screen.getByTestId('proxy-address'), '.example.jp:8080');
  await user.type(screen.getByTestId('proxy-user'), 'office');
  await user.type(screen.getByTestId('proxy-password'), 'mizuumi');
  await expectAccessible(container);
  await user.click(screen.getByTestId('proxy-save'));
  expect(await screen.findByText('つなぎ方を変えました。')).toBeVisible();
  expect(fake.everyday.preferences.proxy).toEqual({
    mode: 'manual',
    address: 'proxy.example.jp:8080',
    user: 'office',
  });
  expect(fake.everyday.proxyPassword).toBe('mizuumi');
  expect(screen.getByTestId('proxy-password')).toHaveValue('');
  await user.click(screen.getByTestId('root-choose'));
  expect(await screen.findByTestId('company-root')).toHaveTextContent('company-root.pem');
  await user.click(screen.getByTestId('root-forget'));
  await expect.poll(() => screen.queryByTestId('company-root')).toBeNull();
});

it('a newer version is shown with its notes and installed only by a press', async () => {
  const { user, fake, container } = await openAt('settings');
  await user.click(screen.getByTestId('update-ask'));
  expect(await screen.findByTestId('newest')).toBeVisible();
  fake.everyday.update = {
    version: '0.2.0',
    current: '0.1.0',
    notes: '返戻の一覧が速くなりました。',
    published: '2026-06-04T10:00:00+09:00',
  };
  await user.click(screen.getByTestId('update-ask'));
  const shown = within(await screen.findByTestId('update'));
  expect(shown.getByText('返戻の一覧が速くなりました。')).toBeVisible();
  expect(screen.getByText(/いまは請求の期間です/)).toBeVisible();
  await expectAccessible(container);
  expect(fake.calls).not.toContain('installUpdate');
  fake.failNext('installUpdate', { code: 'E-1913', message: '送信しているファイルがあります。', retryable: true });
  await user.click(screen.getByTestId('update-install'));
  expect(await screen.findByText(/送信しているファイルがあります/)).toBeVisible();
  expect(screen.getByTestId('update-install')).toHaveTextContent('この版に入れ替える');
});

it('health names each thing with its remedy, and the support file says where it lies', async () => {
  const { user, container } = await openAt('settings');
  await user.click(screen.getByTestId('health-ask'));
  expect(await screen.findByTestId('health-webview')).toHaveTextContent('修復してください');
  expect(screen.getByTestId('health-keychain')).toHaveTextContent('読み書きできます');
  await user.click(screen.getByTestId('support-file'));
  expect(await screen.findByText(/このファイルを運営者へ渡してください/)).toBeVisible();
  await expectAccessible(container);
});

it('a program that does not open can still be looked into', async () => {
  const { render } = await import('@testing-library/svelte');
  const { default: App } = await import('../../App.svelte');
  const { FakeBackend } = await import('$lib/backend/fake');
  const fake = new FakeBackend();
  fake.failNext('frame', { code: 'E-1503', message: 'データが壊れています。', retryable: false });
  render(App, { backend: fake });
  expect(await screen.findByText('とどけを開けませんでした')).toBeVisible();
  screen.getByTestId('health-ask').click();
  expect(await screen.findByTestId('health-database')).toBeVisible();
});

it('a clock that is off and a newer version are said above every screen', async () => {
  const { fake } = await openAt('home');
  expect(screen.queryByTestId('clock-band')).toBeNull();
  fake.everyday.clockOff = '1日進んで';
  fake.everyday.update = { version: '0.2.0', current: '0.1.0', notes: '', published: '2026-06-11T10:00:00+09:00' };
  fake.everyday.announces = true;
  fake.tellFrame();
  expect(await screen.findByTestId('clock-band')).toHaveTextContent('1日進んでいます');
  expect(screen.getByTestId('version-band')).toHaveTextContent('0.2.0');
});

it('files looked at before are looked at again with one press', async () => {
  const { user } = await openAt('send', {
    before: (fake) => fake.everyday.remember(['/fake/KK260601.CSV'], '2026-06-04T16:00:00+09:00'),
  });
  await user.click(await screen.findByText(/最近確認したファイル/));
  await user.click(screen.getByTestId('recent-file'));
  expect(await screen.findByText('確認したファイル')).toBeVisible();
  await expect.poll(() => screen.queryByTestId('recent-files')).toBeNull();
});

it('office, screen and filters are as they were left', async () => {
  const first = await openAt('returns');
  await first.user.selectOptions(screen.getByTestId('office-select'), '9970000023');
  await first.user.type(screen.getByTestId('work-search'), '12PA');
  await expect.poll(() => localStorage.getItem('todoke.worklist')).toContain('12PA');
  const { cleanup, render } = await import('@testing-library/svelte');
  cleanup();
  location.hash = '';
  const { default: App } = await import('../../App.svelte');
  const { FakeBackend } = await import('$lib/backend/fake');
  const fake = new FakeBackend();
  fake.signIn();
  render(App, { backend: fake });
  expect(await screen.findByTestId('work-search')).toHaveValue('12PA');
  expect(screen.getByTestId('office-select')).toHaveValue('9970000023');
});
