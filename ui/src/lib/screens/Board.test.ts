import { screen, within } from '@testing-library/svelte';
import { expect, it } from 'vitest';

import { openAt, expectAccessible } from '../../test/program';

it('shows the balance of each office and month, and always the difference that nothing explains', async () => {
  const { container } = await openAt('board');
  const rows = screen.getAllByTestId('balance-row');
  expect(rows.map((row) => [row.dataset.month, row.dataset.office])).toEqual([
    ['2026-05', '9970000015'],
    ['2026-05', '9970000023'],
    ['2026-05', '9970000031'],
  ]);
  const cells = within(rows[0] as HTMLElement)
    .getAllByRole('cell')
    .map((cell) => cell.textContent?.trim());
  expect(cells).toEqual([
    '2,941,507',
    '84,120',
    '0',
    '-10,762',
    '0',
    '2,846,625',
    '0',
    '0',
    '84,120',
    '0円',
    '2件待ち',
  ]);
  expect(screen.getByTestId('board-unexplained')).toHaveTextContent('0円');
  expect(screen.getByTestId('board-unpaid')).toHaveTextContent('316,925円');
  await expectAccessible(container);
});

it('adds up only the office that is looked at', async () => {
  const { user } = await openAt('board');
  await user.selectOptions(screen.getByTestId('office-select'), 'もみじ訪問介護');
  expect(screen.getByTestId('board-unpaid')).toHaveTextContent('218,475円');
});

it('says what is not in this version', async () => {
  await openAt('board');
  expect(screen.getByText(/滝グラフ、Excelへの書き出しは、この版にはまだなく/)).toBeVisible();
});
