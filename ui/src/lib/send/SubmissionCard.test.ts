import { screen, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';

import { expectAccessible, openAt, type Program } from '../../test/program';

const CLEAN = '/fake/KK260601.CSV';
const ID = '62b99f15130c60661ad936fdaa2817285e4379b1c34abc2beffcab52479fafb5';

const card = () => within(screen.getAllByTestId('submission').find((found) => found.dataset.id === ID) as HTMLElement);
const state = () => screen.queryAllByTestId('submission').find((found) => found.dataset.id === ID)?.dataset.state;

async function send({ fake, user }: Program) {
  fake.drop([CLEAN]);
  const file = within(await screen.findByTestId('file-card'));
  await user.click(file.getByTestId('send-button'));
  await user.click(file.getByTestId('send-confirm'));
  await expect.poll(state).toBe('at_relay');
}

it('sends what did not reach 国保連 again, after asking, and keeps how it had ended', async () => {
  const program = await openAt('send');
  const { fake, user, container } = program;
  await send(program);
  expect(card().queryByTestId('again-button')).toBeNull();
  fake.breakLine(ID);
  await expect.poll(state).toBe('external_error');
  expect(card().getByTestId('submission-problem')).toHaveTextContent('「もう一度送る」で同じファイルを');

  await user.click(card().getByTestId('again-button'));
  expect(card().getByTestId('again-question')).toHaveTextContent('前と同じ中身のまま2回目として');
  expect(card().getByTestId('again-question')).toHaveTextContent('二重の請求にはなりません');
  expect(fake.calls).not.toContain('sendAgain');
  await expectAccessible(container);
  await user.click(card().getByTestId('again-confirm'));
  await expect.poll(state).toBe('at_relay');
  expect(fake.calls.filter((call) => call === 'sendAgain')).toHaveLength(1);
  expect(card().getByTestId('round')).toHaveTextContent('2回目の送信');
  expect(card().queryByTestId('again-button')).toBeNull();
  expect(screen.getAllByTestId('submission').filter((found) => found.dataset.id === ID)).toHaveLength(1);
  const before = card().getByTestId('earlier-rounds');
  expect(before).toHaveTextContent('1回目：外部エラー');
  expect(before).toHaveTextContent('基本状態コード 5C11');
  expect(before).toHaveTextContent('回線が切れました');
});

it('sends again what was cancelled, and shows its end again when that is taken back', async () => {
  const program = await openAt('send');
  const { fake, user } = program;
  await send(program);
  await user.click(card().getByTestId('cancel-button'));
  await user.click(card().getByTestId('cancel-confirm'));
  await expect.poll(state).toBe('cancelled');
  fake.setOffline(true);
  await user.click(card().getByTestId('again-button'));
  expect(card().getByTestId('again-question')).toHaveTextContent('前の送信は取消完了で終わり');
  await user.click(card().getByTestId('again-confirm'));
  await expect.poll(state).toBe('ready');
  await user.click(card().getByTestId('withdraw-button'));
  expect(card().getByText(/前の送信の記録に戻ります/)).toBeVisible();
  await user.click(card().getByTestId('withdraw-confirm'));
  await expect.poll(state).toBe('cancelled');
  expect(card().getByTestId('again-button')).toBeVisible();
});

it('tells of a file that is laid down again that it can be sent again', async () => {
  const program = await openAt('send');
  const { fake } = program;
  await send(program);
  fake.breakLine(ID);
  await expect.poll(state).toBe('external_error');
  fake.drop([CLEAN]);
  const file = within(await screen.findByTestId('file-card'));
  expect(file.getByTestId('same-submission')).toHaveTextContent('前に送り、外部エラーで終わっています');
  expect(file.queryByTestId('send-button')).toBeNull();
});

it('says why it cannot be sent again', async () => {
  const program = await openAt('send');
  const { fake, user } = program;
  await send(program);
  fake.breakLine(ID);
  await expect.poll(state).toBe('external_error');
  fake.failNext('sendAgain', {
    code: 'E-1401',
    message: '同じ事業所・同じ月の請求が、別の内容ですでに送られています。',
    retryable: false,
  });
  await user.click(card().getByTestId('again-button'));
  await user.click(card().getByTestId('again-confirm'));
  expect(await card().findByText(/別の内容ですでに送られています/)).toBeVisible();
  expect(state()).toBe('external_error');
});
