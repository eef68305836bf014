import { expect, it } from 'vitest';

import type { BoardCellView, BoardRowView, BoardView } from '$lib/backend';

import { findRows, largestOf, orderRows, totalsOf, windowOf } from './rows';

const cell = (yen: number, standing: BoardCellView['standing'] = 'done'): BoardCellView => ({ yen, standing });

const row = (office: string, office_name: string, cells: (BoardCellView | null)[]): BoardRowView => ({
  office,
  office_name,
  area_unset: false,
  cells,
  total: cells.reduce((sum, one) => sum + (one?.yen ?? 0), 0),
});

const rows = [
  row('9970000015', 'さくら', [cell(5, 'open'), cell(1)]),
  row('9970000023', 'もみじ', [null, cell(9)]),
  row('9970000031', 'ひいらぎ', [cell(7), null]),
];

const board = { rows } as BoardView;
const names = (found: BoardRowView[]) => found.map((one) => one.office_name);

it('finds offices by number, name and how a month stands', () => {
  expect(names(findRows(board, '', 'all'))).toHaveLength(3);
  expect(names(findRows(board, '００２３', 'all'))).toEqual(['もみじ']);
  expect(names(findRows(board, 'いら', 'all'))).toEqual(['ひいらぎ']);
  expect(names(findRows(board, '', 'open'))).toEqual(['さくら']);
  expect(findRows(board, 'もみじ', 'open')).toEqual([]);
});

it('orders by number, sum or month, and what has no figure stands last either way', () => {
  expect(names(orderRows(rows, 'office', true))).toEqual(['ひいらぎ', 'もみじ', 'さくら']);
  expect(names(orderRows(rows, 'total', false))).toEqual(['さくら', 'ひいらぎ', 'もみじ']);
  expect(names(orderRows(rows, 0, true))).toEqual(['ひいらぎ', 'さくら', 'もみじ']);
  expect(names(orderRows(rows, 0, false))).toEqual(['さくら', 'ひいらぎ', 'もみじ']);
});

it('sums each month', () => {
  expect(totalsOf(rows, 2)).toEqual([12, 10]);
});

it('finds the amount that needs most room, of either sign', () => {
  expect(largestOf(rows, [12, 10])).toBe(12);
  expect(largestOf([row('9970000015', 'さくら', [cell(-500), cell(490)])], [0, 0])).toBe(-500);
  expect(largestOf([row('9970000015', 'さくら', [cell(-3), cell(800)])], [0])).toBe(800);
  expect(largestOf([], [0])).toBe(0);
});

it('draws only what is near the visible part', () => {
  expect(windowOf(1000, 50, 0, 500)).toEqual([0, 14]);
  expect(windowOf(1000, 50, 25_000, 500)).toEqual([496, 514]);
  expect(windowOf(1000, 50, 49_500, 500)).toEqual([986, 1000]);
  expect(windowOf(3, 50, 0, 500)).toEqual([0, 3]);
  expect(windowOf(0, 50, 0, 500)).toEqual([0, 0]);
});
