import { screen, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';

import { expectAccessible, openAt } from '../../test/program';

const cellOf = (office: string, column: number) =>
  document.querySelector<HTMLElement>(`[data-testid="board-row"][data-office="${office}"] td:nth-child(${column + 3})`);

it('shows offices by months with totals, and how each month stands in a word', async () => {
  const { container } = await openAt('board');
  const rows = screen.getAllByTestId('board-row');
  expect(rows.map((row) => row.dataset.office)).toEqual(['9970000015', '9970000023', '9970000031']);
  expect(cellOf('9970000015', 0)).toHaveTextContent('84,120 通知不足');
  expect(cellOf('9970000023', 0)).toHaveTextContent('218,475 要対応');
  expect(screen.getByTestId('board-total')).toHaveTextContent('316,925');
  expect(screen.getByTestId('board-unpaid')).toHaveTextContent('316,925円');
  expect(screen.getByTestId('board-unexplained')).toHaveTextContent('0円');
  expect(screen.getByTestId('board-incomplete')).toHaveTextContent('1件');
  // An office without a 地域区分 says so beside its name.
  expect(rows.map((row) => within(row).queryByTestId('area-unset')?.textContent)).toEqual([
    undefined,
    undefined,
    '地域区分なし',
  ]);
  await expectAccessible(container);
});

it('shows another figure, finds an office and sorts, and the totals follow', async () => {
  const { user } = await openAt('board');
  await user.selectOptions(screen.getByTestId('board-figure'), '請求');
  await expect.poll(() => screen.getByTestId('board-total').textContent).toBe('7,051,191');
  await user.click(screen.getByRole('button', { name: '合計' }));
  const order = () => screen.getAllByTestId('board-row').map((row) => row.dataset.office);
  expect(order()).toEqual(['9970000023', '9970000015', '9970000031']);
  expect(screen.getByRole('columnheader', { name: '合計' })).toHaveAttribute('aria-sort', 'descending');
  await user.type(screen.getByTestId('board-search'), 'もみじ');
  expect(order()).toEqual(['9970000023']);
  expect(screen.getByTestId('board-total')).toHaveTextContent('3,391,044');
  await user.clear(screen.getByTestId('board-search'));
  await user.selectOptions(screen.getByTestId('board-standing'), '通知不足のある事業所');
  expect(order()).toEqual(['9970000015']);
});

it('opens a month of an office: the waterfall adds up, and a table beside it says the same', async () => {
  const { user, container } = await openAt('board');
  await user.click(within(screen.getAllByTestId('board-row')[1] as HTMLElement).getByTestId('board-cell'));
  const table = within(await screen.findByTestId('waterfall-table'));
  const rows = table.getAllByRole('row').slice(1, -1);
  const steps = rows.map((row) => row.dataset.step);
  expect(steps).toEqual([
    'claimed',
    'returned',
    'held',
    'assessed',
    'released',
    'unexplained',
    'decided',
    'kago',
    'payable',
    'other_payments',
    'fees',
    'transfer_gap',
    'paid',
  ]);
  expect(screen.getAllByTestId('waterfall-bar').map((bar) => bar.dataset.step)).toEqual(steps);
  expect(rows[7]).toHaveTextContent('過誤-12,4003,278,569');
  expect(screen.getByTestId('waterfall-unexplained')).toHaveTextContent('0円');
  await expectAccessible(container);
});

it('closes a month in two stages and opens it again for a reason only', async () => {
  const { user } = await openAt('board');
  await user.click(within(screen.getAllByTestId('board-row')[1] as HTMLElement).getByTestId('board-cell'));
  await user.click(await screen.findByTestId('close-claims'));
  expect(await screen.findByTestId('closings')).toHaveTextContent('請求の締め');
  expect(screen.queryByTestId('close-claims')).toBeNull();
  await user.click(screen.getByTestId('close-payment'));
  await expect.poll(() => screen.getByTestId('closings').textContent).toContain('入金の締め');
  await user.click(screen.getByTestId('reopen'));
  await user.click(screen.getByTestId('reopen-submit'));
  expect(await screen.findByTestId('problem')).toHaveTextContent('理由を書いてください');
  await user.type(screen.getByTestId('reopen-reason'), '請求の見落とし');
  await user.click(screen.getByTestId('reopen-submit'));
  await expect.poll(() => screen.getByTestId('closings').textContent).toContain('理由：請求の見落とし');
});

it('lists everybody of a month when asked to, also those to whom nothing happened', async () => {
  const { fake, user, container } = await openAt('board');
  await user.click(within(screen.getAllByTestId('board-row')[0] as HTMLElement).getByTestId('board-cell'));
  const opener = await screen.findByTestId('everybody-open');
  expect(opener).toHaveAttribute('aria-expanded', 'false');
  expect(fake.calls).not.toContain('sentClaims');
  await user.click(opener);
  await expect.poll(() => screen.queryAllByTestId('sent-claim').length).toBe(48);
  const rows = screen.getAllByTestId('sent-claim');
  expect(rows.filter((row) => row.dataset['road'] === 'kago').length).toBe(47);
  const returned = rows.find((row) => row.dataset['insured'] === '0000000412') as HTMLElement;
  expect(within(returned).getByTestId('sent-item')).toHaveAttribute('href', expect.stringContaining('returned'));
  await user.click(within(rows.at(-1) as HTMLElement).getByTestId('sent-open'));
  expect(screen.getByTestId('print-withdrawal')).toHaveTextContent('介護給付費過誤申立書を印刷');
  await expectAccessible(container);
  await user.click(opener);
  expect(screen.queryByTestId('sent-claims')).toBeNull();
});

it('says why a month cannot be closed yet', async () => {
  const { user } = await openAt('board');
  await user.click(within(screen.getAllByTestId('board-row')[0] as HTMLElement).getByTestId('board-cell'));
  expect(await screen.findByTestId('missing-notices')).toHaveTextContent('支払決定額通知書（7513）');
  await user.click(screen.getByTestId('close-payment'));
  expect(await screen.findByTestId('problem')).toHaveTextContent('E-1706');
});

it('writes the board to a file, and says nothing when the dialog is closed', async () => {
  const { fake, user } = await openAt('board');
  await user.click(screen.getByTestId('export-xlsx'));
  expect(await screen.findByTestId('export-saved')).toHaveTextContent('/fake/Documents/board.xlsx');
  fake.nextPlace = null;
  await user.click(screen.getByTestId('export-pdf'));
  await expect.poll(() => screen.queryByTestId('export-saved')).toBeNull();
});

it('shows age, trends and the score with its definitions', async () => {
  const { user, container } = await openAt('board');
  await user.click(screen.getByTestId('board-page-analysis'));
  expect(await screen.findByTestId('aging')).toHaveTextContent('提供月から3か月まで');
  expect(screen.getByTestId('score')).toHaveTextContent('数え方：');
  await user.selectOptions(screen.getByTestId('trend-by'), '事業所ごと');
  expect(screen.getByTestId('trend')).toHaveTextContent('9970000015');
  await expectAccessible(container);
});

it('lists deposits by day and names those whose notice has not come', async () => {
  const { user, container } = await openAt('board');
  await user.click(screen.getByTestId('board-page-deposits'));
  const days = await screen.findAllByTestId('deposit-day');
  expect(days.map((day) => day.dataset.day)).toEqual(['2026-06-30']);
  expect(days[0]).toHaveTextContent('確定');
  expect(days[0]).toHaveTextContent('決定');
  await expectAccessible(container);
});

it('holds a bank statement against the deposits and names the difference', async () => {
  const { fake, user, container } = await openAt('board');
  await user.click(screen.getByTestId('board-page-deposits'));
  await user.click(await screen.findByTestId('choose-statement'));
  const rows = await screen.findByTestId('bank-rows');
  expect(rows).toHaveTextContent('金額が違います');
  expect(rows).toHaveTextContent('-10円');
  expect(screen.getByTestId('bank-summary')).toHaveTextContent('差 -10円');
  await expectAccessible(container);
  // A dialog that is closed leaves what is shown.
  fake.nextPlace = null;
  await user.click(screen.getByTestId('choose-statement'));
  expect(screen.getByTestId('bank-rows')).toBeVisible();
});

it('rolls the receivables in both styles', async () => {
  const { user, container } = await openAt('board');
  await user.click(screen.getByTestId('board-page-receivables'));
  expect(await screen.findByTestId('roll')).toHaveTextContent('返戻の再請求');
  expect(screen.getByTestId('roll')).toHaveTextContent('締めた月の訂正');
  await expectAccessible(container);
  await user.click(screen.getByTestId('style-reverse'));
  await expect.poll(() => screen.getByTestId('roll').textContent).not.toContain('返戻の再請求');
  await user.selectOptions(screen.getByTestId('closing-month'), '令和8年5月');
  await user.click(screen.getByTestId('close-all-claims'));
  expect(await screen.findByTestId('closed')).toHaveTextContent('3か所で請求の締めが済んでいます');
});

it('says what will come when there are no figures yet', async () => {
  const { container } = await openAt('board', { before: (fake) => fake.fillBoard(0, 0) });
  expect(await screen.findByTestId('empty')).toHaveTextContent('まだ数字がありません');
  await expectAccessible(container);
});
