import { screen, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';

import { openAt, expectAccessible, type Program } from '../../test/program';

const CLEAN = '/fake/KK260601.CSV';
const WITH_ERRORS = '/fake/KKBAD001.CSV';
const ID = '62b99f15130c60661ad936fdaa2817285e4379b1c34abc2beffcab52479fafb5';

const card = async (file: string) =>
  within((await screen.findAllByTestId('file-card')).find((found) => found.dataset.file === file) as HTMLElement);

const submission = () =>
  screen.queryAllByTestId('submission').find((found) => found.dataset.id === ID) as HTMLElement | undefined;

async function send({ user }: Program) {
  await user.click((await card('KK260601.CSV')).getByTestId('send-button'));
  await user.click((await card('KK260601.CSV')).getByTestId('send-confirm'));
  await expect.poll(submission).toBeDefined();
}

it('reads a dropped clean file out: office, months, persons, yen', async () => {
  const { fake, container } = await openAt('home');
  fake.drop([CLEAN]);
  const clean = await card('KK260601.CSV');
  expect(screen.getByTestId('nav-send')).toHaveAttribute('aria-current', 'page');
  for (const text of [
    'さくらデイサービス',
    '9970000015',
    '令和8年6月請求（5月提供分）',
    '3人',
    '214,488円',
    '送れます',
  ]) {
    expect(clean.getByText(text)).toBeVisible();
  }
  await expectAccessible(container);
});

it('says how many persons have something to put right and offers no way to send', async () => {
  const { fake, user } = await openAt('send');
  fake.drop([WITH_ERRORS]);
  const bad = await card('KKBAD001.CSV');
  expect(bad.getByText('3人中3人に直すところがあります')).toBeVisible();
  expect(bad.getByTestId('file-errors')).toHaveTextContent('まだ送れません（11件）');
  expect(bad.queryByTestId('send-button')).toBeNull();
  await user.click(bad.getByTestId('check-again'));
  expect(fake.calls).toContain('checkFiles');
  await user.click(bad.getByTestId('findings-button'));
  await expect.poll(() => document.getElementById('page-title')?.textContent).toBe('3人中3人に直すところがあります');
});

it('shows how a second file for the same months differs, and does not offer to send it', async () => {
  const program = await openAt('send');
  const { fake, user, container } = program;
  fake.drop([CLEAN]);
  await send(program);
  fake.drop(['/fake/KK260602.CSV']);
  const second = await card('KK260602.CSV');
  expect(second.getByTestId('replaces')).toHaveTextContent('KK260601.CSV');
  expect(second.queryByTestId('send-button')).toBeNull();
  await user.click(second.getByTestId('difference-button'));
  const difference = await screen.findByTestId('difference');
  expect(difference).toHaveTextContent('増えた人 1件・なくなった人 1件・変わった人 0件・同じ人 2件');
  expect(difference).toHaveTextContent('金額は同じです');
  expect(screen.getByText('0000000404')).toBeVisible();
  await expectAccessible(container);
});

it('shows how far a long check is, and stops it', async () => {
  const { fake, user, container } = await openAt('send');
  fake.showChecking({ file: 'LARGE.CSV', number: 2, files: 3, percent: 45 });
  const progress = await screen.findByTestId('check-progress');
  expect(progress).toHaveTextContent('LARGE.CSV を確認しています… （3件中2件目）');
  expect(within(progress).getByRole('progressbar')).toHaveAttribute('value', '45');
  await expectAccessible(container);
  await user.click(screen.getByTestId('stop-checking'));
  expect(fake.calls).toContain('stopChecking');
  await expect.poll(() => screen.queryByTestId('check-progress')).toBeNull();
});

it('asks for the 地域区分 while it is unset', async () => {
  const { fake, user } = await openAt('send');
  fake.drop([CLEAN]);
  const clean = await card('KK260601.CSV');
  expect(clean.getByTestId('area-unset')).toHaveTextContent('5級地');
  await fake.setOfficeArea('9970000015', '5級地', null);
  fake.drop([CLEAN]);
  await expect.poll(() => screen.queryByTestId('area-unset')).toBeNull();
  await user.click((await card('KK260601.CSV')).getByTestId('details-button'));
  await expect.poll(() => document.getElementById('page-title')?.textContent).toBe('直すところはありません');
});

it('asks before sending what goes to whom and how much, then follows the file to its receipt', async () => {
  const program = await openAt('send');
  const { fake, user, container } = program;
  await user.click(screen.getByTestId('choose-files'));
  const clean = await card('KK260601.CSV');
  await user.click(clean.getByTestId('send-button'));
  expect(clean.getByText('この内容で送ります。よろしいですか')).toBeVisible();
  expect(clean.getByText('3人 214,488円')).toBeVisible();
  expect(fake.calls).not.toContain('stage');
  await user.click(clean.getByRole('button', { name: 'やめる' }));
  expect(clean.queryByTestId('send-confirm')).toBeNull();
  await send(program);
  expect(submission()).toHaveAttribute('data-state', 'at_relay');
  expect(submission()).toHaveFocus();
  for (const [minutes, state] of [
    [3, 'transmitting'],
    [5, 'arrived'],
    [20, 'accepted'],
  ] as const) {
    fake.advanceMinutes(minutes);
    await expect.poll(() => submission()?.dataset.state).toBe(state);
  }
  expect(submission()).toHaveTextContent('受付完了');
  await user.click(within(submission() as HTMLElement).getByTestId('receipt-button'));
  expect(await screen.findByTestId('receipt-path')).toHaveTextContent(/受領書_9970000015_2026-06_62b99f15\.pdf$/);
  // What was sent can be taken out again.
  await user.click(within(submission() as HTMLElement).getByText('くわしい記録'));
  await user.click(within(submission() as HTMLElement).getByTestId('original-button'));
  expect(await screen.findByTestId('original-saved')).toHaveTextContent(
    'もとのファイル_9970000015_2026-06_KK260601_62b99f15.CSV',
  );
  await expectAccessible(container);
});

it('says that the same content was already sent', async () => {
  const program = await openAt('send', { before: (fake) => fake.drop([CLEAN]) });
  await send(program);
  program.fake.drop([CLEAN]);
  const again = await card('KK260601.CSV');
  expect(again.getByTestId('same-submission')).toHaveTextContent('同じ内容がすでに送られています');
  expect(again.queryByTestId('send-button')).toBeNull();
  await program.user.click(again.getByRole('button', { name: '送った記録を見る' }));
  await expect.poll(() => document.activeElement).toBe(submission());
});

it('says so too when the content turns out to be known only while sending', async () => {
  const program = await openAt('send', { before: (fake) => fake.drop([CLEAN]) });
  await card('KK260601.CSV');
  await program.fake.stage(CLEAN, ID);
  await program.user.click((await card('KK260601.CSV')).getByTestId('send-button'));
  await program.user.click((await card('KK260601.CSV')).getByTestId('send-confirm'));
  expect(await screen.findByTestId('same-submission')).toHaveTextContent('新しくは送っていません');
  expect(screen.getAllByTestId('submission').filter((found) => found.dataset.id === ID)).toHaveLength(1);
});

it('prepares offline and sends once by itself when the line is back', async () => {
  const { fake, user } = await openAt('send', { before: (backend) => backend.drop([CLEAN]) });
  fake.setOffline(true);
  expect(await screen.findByTestId('offline-band')).toHaveTextContent(
    'いまオフラインです。確認と準備は続けられます。送信は接続が戻ると自動で行います。',
  );
  const clean = await card('KK260601.CSV');
  expect(clean.getByTestId('send-button')).toHaveTextContent('準備する（接続が戻ると送ります）');
  await user.click(clean.getByTestId('send-button'));
  await user.click(clean.getByTestId('send-confirm'));
  await expect.poll(() => submission()?.dataset.state).toBe('ready');
  expect(submission()).toHaveTextContent('中継サーバーにつながりません');
  fake.setOffline(false);
  await expect.poll(() => submission()?.dataset.state).toBe('at_relay');
  expect(screen.queryByTestId('offline-band')).toBeNull();
  expect(fake.calls.filter((call) => call === 'stage')).toHaveLength(1);
});

it('refuses in the words of the backend and stores nothing', async () => {
  const { fake } = await openAt('send');
  fake.drop(['/fake/excel.csv']);
  expect((await card('excel.csv')).getByTestId('file-refused')).toHaveTextContent(/Excelで保存し直した.*E-1004/);
});

it('cancels what is at the relay when asked twice', async () => {
  const program = await openAt('send', { before: (backend) => backend.drop([CLEAN]) });
  await send(program);
  await expect.poll(() => submission()?.dataset.state).toBe('at_relay');
  const card = within(submission() as HTMLElement);
  await program.user.click(await card.findByTestId('cancel-button'));
  await program.user.click(card.getByTestId('cancel-confirm'));
  await expect.poll(() => submission()?.dataset.state).toBe('cancelled');
  expect(card.queryByTestId('cancel-button')).toBeNull();
  expect(program.fake.calls).toContain('cancel');
});

it('takes a waiting file back when asked twice', async () => {
  const program = await openAt('send', { before: (backend) => backend.drop([CLEAN]) });
  program.fake.setOffline(true);
  await screen.findByTestId('offline-band');
  await send(program);
  await program.user.click(within(submission() as HTMLElement).getByTestId('withdraw-button'));
  await program.user.click(within(submission() as HTMLElement).getByTestId('withdraw-confirm'));
  await expect.poll(submission).toBeUndefined();
  expect(program.fake.calls).toContain('withdraw');
});

it('shows why staging failed and keeps the file on the desk', async () => {
  const { fake, user } = await openAt('send', { before: (backend) => backend.drop([CLEAN]) });
  fake.failNext('stage', { code: 'E-1011', message: '確認したあとでファイルが変わりました。', retryable: false });
  await user.click((await card('KK260601.CSV')).getByTestId('send-button'));
  await user.click((await card('KK260601.CSV')).getByTestId('send-confirm'));
  expect(await (await card('KK260601.CSV')).findByTestId('problem')).toHaveTextContent('ファイルが変わりました');
  expect(submission()).toBeUndefined();
});

it('takes a dropped notice in where notices live', async () => {
  const { fake, user } = await openAt('send');
  fake.drop(['/fake/72100000.CSV']);
  await user.click((await card('72100000.CSV')).getByRole('button', { name: '通知に取り込む' }));
  await expect.poll(() => screen.queryAllByTestId('notice-row').map((row) => row.dataset.exchange)).toContain('7211');
});

it('keeps files on the desk while other screens are looked at', async () => {
  const { fake, user } = await openAt('send');
  fake.drop([CLEAN]);
  await card('KK260601.CSV');
  await user.click(screen.getByTestId('nav-home'));
  await expect.poll(() => screen.queryByTestId('file-card')).toBeNull();
  await user.click(screen.getByTestId('nav-send'));
  expect(await screen.findByTestId('file-card')).toBeVisible();
});

it('takes what has ended off the list and brings it back', async () => {
  const program = await openAt('send', { before: (backend) => backend.drop([CLEAN]) });
  await send(program);
  await expect.poll(() => submission()?.dataset.state).toBe('at_relay');
  expect(screen.queryByTestId('hide-button')).toBeNull();
  await program.user.click(await screen.findByTestId('cancel-button'));
  await program.user.click(screen.getByTestId('cancel-confirm'));
  await program.user.click(await screen.findByTestId('hide-button'));
  await expect.poll(submission).toBeUndefined();
  await program.user.click(screen.getByTestId('hidden-toggle'));
  await program.user.click(await screen.findByTestId('restore-button'));
  await expect.poll(() => submission()?.dataset.state).toBe('cancelled');
  expect(screen.queryByTestId('hidden-toggle')).toBeNull();
});
