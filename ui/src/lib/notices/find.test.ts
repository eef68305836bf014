import { expect, it } from 'vitest';

import type { NoticeView } from '$lib/backend';

import { EVERYTHING, findNotices, isWorthLooking, kindsOf, monthsOf } from './find';

const notice = (id: string, exchange_id: string, month: string | null, unread = false): NoticeView => ({
  id,
  file: `${exchange_id}0000.CSV`,
  exchange_id,
  title: { '7411': '返戻（保留）一覧表', '7521': '支払決定額内訳書' }[exchange_id] ?? '種類の分からない通知',
  office: '9970000015',
  office_name: 'さくらデイサービス',
  processing_month: month,
  issued: month && `${month}-30`,
  received_at: '2026-06-30T17:00:00+09:00',
  unread,
  origin: 'relay',
});

const all = [notice('a', '7411', '2026-06', true), notice('b', '7521', '2026-05'), notice('c', '', null)];
const ids = (found: NoticeView[]) => found.map(({ id }) => id);
const none: ReadonlySet<string> = new Set();

it('finds by words, kind, month and unread mark', () => {
  expect(ids(findNotices(all, EVERYTHING, none))).toEqual(['a', 'b', 'c']);
  expect(ids(findNotices(all, { ...EVERYTHING, text: 'さくら 返戻' }, none))).toEqual(['a']);
  expect(ids(findNotices(all, { ...EVERYTHING, text: '７５２１' }, none))).toEqual(['b']);
  expect(ids(findNotices(all, { ...EVERYTHING, kind: '7521' }, none))).toEqual(['b']);
  expect(ids(findNotices(all, { ...EVERYTHING, month: '2026-06' }, none))).toEqual(['a']);
  expect(ids(findNotices(all, { ...EVERYTHING, unread: true }, none))).toEqual(['a']);
});

it('finds by 発行日; what has none is in no span', () => {
  expect(ids(findNotices(all, { ...EVERYTHING, since: '2026-06-01' }, none))).toEqual(['a']);
  expect(ids(findNotices(all, { ...EVERYTHING, until: '2026-05-30' }, none))).toEqual(['b']);
  expect(ids(findNotices(all, { ...EVERYTHING, since: '2026-05-30', until: '2026-06-30' }, none))).toEqual(['a', 'b']);
});

it('looks inside notices for numbers and names, not for single letters', () => {
  expect(['0101', 'ヤマダ', 'やま', 'ヤマダ ハナコ'].every(isWorthLooking)).toBe(true);
  expect(['', ' ', '101', 'ヤ', 'ヤマダ 1'].some(isWorthLooking)).toBe(false);
});

it('finds a number that stands inside a notice', () => {
  expect(ids(findNotices(all, { ...EVERYTHING, text: '0000000101' }, new Set(['b'])))).toEqual(['b']);
  expect(ids(findNotices(all, { ...EVERYTHING, text: '0000000101', kind: '7411' }, new Set(['b'])))).toEqual([]);
});

it('offers the kinds and months that are there', () => {
  expect(kindsOf(all).map(([id]) => id)).toEqual(['', '7411', '7521']);
  expect(monthsOf(all)).toEqual(['2026-06', '2026-05']);
});
