import { screen, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';

import { openAt, expectAccessible } from '../../test/program';

const ID = '62b99f15130c60661ad936fdaa2817285e4379b1c34abc2beffcab52479fafb5';

it('lists notices and opens one as a document, which marks it read', async () => {
  const { user, container } = await openAt('notices', {
    before: (fake) => {
      void fake.stage('/fake/KK260601.CSV', ID);
      fake.advanceMinutes(60 * 24 * 26);
    },
  });
  expect(screen.getByTestId('nav-notices')).toHaveAccessibleName(/2件はまだ開いていません/);
  const rows = screen.getAllByTestId('notice-row');
  expect(rows.map((row) => row.dataset.exchange)).toEqual(['7411', '7211', '7411']);
  expect(rows[0]).toHaveTextContent(/未読.*返戻（保留）一覧表.*令和8年6月.*さくらデイサービス/s);
  await expectAccessible(container);

  await user.click(within(rows[0] as HTMLElement).getByRole('link'));
  const sheet = within(await screen.findByTestId('notice-document'));
  expect(sheet.getByText('架空県国民健康保険団体連合会')).toBeVisible();
  const table = sheet.getByRole('table', { name: '返戻・保留の明細' });
  expect(within(table).getAllByRole('row')).toHaveLength(4);
  expect(within(table).getByRole('columnheader', { name: '単位数' })).toHaveAttribute('scope', 'col');
  await expectAccessible(container);

  await user.click(screen.getByRole('link', { name: '通知の一覧へ' }));
  await expect.poll(() => screen.queryAllByTestId('notice-row')[0]?.dataset.unread).toBe('false');
  expect(screen.getByTestId('nav-notices')).toHaveAccessibleName(/1件はまだ開いていません/);
});

it('takes files from disk in and names those that it refused', async () => {
  const { fake, user } = await openAt('notices');
  fake.nextImport = ['/fake/72100000.CSV', '/fake/photo.jpg'];
  await user.click(screen.getByTestId('import-button'));
  const result = await screen.findByTestId('import-result');
  expect(result).toHaveTextContent('新しい通知を1件受け取りました。');
  expect(result).toHaveTextContent(/photo\.jpg：国保連へ送る請求ファイルではないようです。/);
  expect(screen.getAllByTestId('notice-row')[0]).toHaveTextContent('ファイルから取り込み');
  fake.nextImport = ['/fake/72100000.CSV'];
  await user.click(screen.getByTestId('import-button'));
  await expect.poll(() => screen.getByTestId('import-result').textContent).toContain('1件は前に受け取ってあります。');
});

it('says nothing when the file dialog is cancelled', async () => {
  const { user } = await openAt('notices');
  await user.click(screen.getByTestId('import-button'));
  expect(screen.queryByTestId('import-result')).toBeNull();
});

it('says why nothing can be fetched offline, and stays readable', async () => {
  const { user } = await openAt('notices', { before: (fake) => fake.setOffline(true) });
  await user.click(screen.getByTestId('sync-button'));
  expect(await screen.findByTestId('problem')).toHaveTextContent('中継サーバーにつながりません');
  expect(screen.getAllByTestId('notice-row')).toHaveLength(1);
});

it('says what will come when there is none yet', async () => {
  const { container } = await openAt('notices', { before: (fake) => fake.startEmpty() });
  expect(screen.getByTestId('empty')).toHaveTextContent('通知はまだありません');
  await expectAccessible(container);
});

it('finds notices by word, kind, unread mark and a number inside them', async () => {
  const { user } = await openAt('notices', {
    before: (fake) => {
      void fake.stage('/fake/KK260601.CSV', ID);
      fake.advanceMinutes(60 * 24 * 26);
    },
  });
  const kinds = () => screen.queryAllByTestId('notice-row').map((row) => row.dataset.exchange);
  await user.selectOptions(screen.getByTestId('notice-kind'), '7211');
  expect(kinds()).toEqual(['7211']);
  await user.selectOptions(screen.getByTestId('notice-kind'), 'すべて');
  await user.click(screen.getByTestId('notice-unread'));
  expect(kinds()).toEqual(['7411', '7211']);
  await user.click(screen.getByTestId('notice-unread'));
  await user.type(screen.getByTestId('notice-search'), '0000000412');
  await expect.poll(kinds).toEqual(['7411']);
  await user.clear(screen.getByTestId('notice-search'));
  await user.type(screen.getByTestId('notice-search'), 'ないことば');
  expect(kinds()).toEqual([]);
  expect(screen.getByTestId('notice-count')).toHaveTextContent('さがす言葉を短くするか');
});

it('looks into the notices once the person has stopped typing', async () => {
  const { user, fake } = await openAt('notices', {
    before: (fake) => {
      void fake.stage('/fake/KK260601.CSV', ID);
      fake.advanceMinutes(60 * 24 * 26);
    },
  });
  await user.type(screen.getByTestId('notice-search'), '0000000412');
  await expect.poll(() => screen.getAllByTestId('notice-row')).toHaveLength(1);
  expect(fake.calls.filter((call) => call === 'noticesNaming')).toHaveLength(1);
});

it('marks what is shown as read, after asking, and nothing else', async () => {
  const { user, fake, container } = await openAt('notices', {
    before: (fake) => {
      void fake.stage('/fake/KK260601.CSV', ID);
      fake.advanceMinutes(60 * 24 * 26);
    },
  });
  const unread = () => screen.getAllByTestId('notice-row').map((row) => row.dataset.unread);
  expect(unread()).toEqual(['true', 'true', 'false']);
  await user.click(screen.getByTestId('notice-read-all'));
  await expectAccessible(container);
  await user.click(screen.getByRole('button', { name: 'やめる' }));
  expect(fake.calls).not.toContain('markNoticesRead');
  await user.click(screen.getByTestId('notice-read-all'));
  await user.click(screen.getByTestId('notice-read-confirm'));
  await expect.poll(unread).toEqual(['false', 'false', 'false']);
  expect(screen.queryByTestId('notice-read-all')).toBeNull();
  expect(screen.getByTestId('nav-notices')).not.toHaveAccessibleName(/まだ開いていません/);
});

it('prints a notice as its form', async () => {
  const { user } = await openAt('notices');
  await user.click(within(screen.getAllByTestId('notice-row')[0] as HTMLElement).getByRole('link'));
  await user.click(await screen.findByTestId('notice-print'));
  expect(await screen.findByTestId('notice-saved')).toHaveTextContent('.pdf');
  expect(screen.getByTestId('legend')).toHaveTextContent('備考 12PA');
});
