import { describe, expect, it } from 'vitest';

import { FakeBackend } from '$lib/backend/fake';
import type { ReturnView } from '$lib/backend';

import { dueDate, FILTERS, passes, returnKey, sortReturns } from './filters';

const TODAY = '2026-06-05';
const example = (await new FakeBackend().returns())[0] as ReturnView;
const row = (change: Partial<ReturnView>): ReturnView => ({ ...example, ...change });

describe('tabs', () => {
  it.each<[string, Partial<ReturnView>, string[]]>([
    ['returned, to be put right', {}, ['unfinished', 'fix', 'all']],
    ['returned, only time cures it', { route: 'wait' }, ['unfinished', 'wait', 'all']],
    ['held', { state: 'held', route: 'ask_care_manager' }, ['unfinished', 'wait', 'all']],
    ['claimed again', { state: 'reclaimed', route: 'wait' }, ['unfinished', 'wait', 'all']],
    ['not worth claiming', { route: 'give_up' }, ['unfinished', 'all']],
    ['settled', { state: 'settled' }, ['all']],
    ['lapsed', { state: 'lapsed', limitation_date: '2026-05-31' }, ['all']],
    ['lapses today', { limitation_date: TODAY }, ['unfinished', 'fix', 'limitation', 'all']],
    ['lapsed yesterday', { limitation_date: '2026-06-04' }, ['unfinished', 'fix', 'all']],
    ['lapses in half a year', { limitation_date: '2026-12-05' }, ['unfinished', 'fix', 'limitation', 'all']],
    ['lapses later', { limitation_date: '2026-12-06' }, ['unfinished', 'fix', 'all']],
  ])('%s', (_, change, expected) => {
    expect(FILTERS.filter((filter) => passes(filter, row(change), TODAY))).toEqual(expected);
  });
});

it('never gives a held item a window to claim in', () => {
  const held = row({ state: 'held', next_window: '2026-07', limitation_date: '2028-07-31' });
  expect(dueDate(held)).toBe('2028-07-31');
  expect(dueDate(row({ next_window: '2026-07' }))).toBe('2026-07-10');
  expect(dueDate(row({ state: 'settled' }))).toBeNull();
});

it('sorts by what the columns show', () => {
  const rows = [
    row({ insured: 'a', yen: 200, next_window: '2026-07', insured_kana: 'ヤマダ' }),
    row({ insured: 'b', yen: 1000, state: 'settled', insured_kana: 'アオキ' }),
    row({ insured: 'c', yen: 30, next_window: '2026-06', insured_kana: 'カトウ' }),
  ];
  const order = (...by: [Parameters<typeof sortReturns>[1], boolean]) =>
    sortReturns(rows, ...by).map((sorted) => sorted.insured);
  expect(order('due', false)).toEqual(['c', 'a', 'b']);
  expect(order('yen', true)).toEqual(['b', 'a', 'c']);
  expect(order('person', false)).toEqual(['b', 'c', 'a']);
  expect(rows.map((unsorted) => unsorted.insured)).toEqual(['a', 'b', 'c']);
});

it('tells two items of one person apart', () => {
  expect(returnKey(row({ exchange_id: '7131' }))).not.toBe(returnKey(row({ exchange_id: '8124' })));
});
