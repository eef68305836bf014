import { describe, expect, it } from 'vitest';

import {
  daysBetween,
  formatAgo,
  formatDate,
  formatMonth,
  formatRemaining,
  formatSize,
  formatTime,
  formatYen,
  normaliseNumber,
} from './format';

describe('months and dates', () => {
  it.each([
    ['2026-06', '令和8年6月'],
    ['2019-05', '令和元年5月'],
    ['2019-04', '平成31年4月'],
    ['1989-01', '平成元年1月'],
    ['1988-12', '昭和63年12月'],
  ])('writes %s as %s', (month, expected) => expect(formatMonth(month)).toBe(expected));

  it('writes dates with their weekday', () => {
    expect(formatDate('2026-06-10')).toBe('令和8年6月10日（水）');
    expect(formatDate('2019-04-30')).toBe('平成31年4月30日（火）');
  });

  it('writes times in Japan time whatever the zone of the computer', () => {
    expect(formatTime('2026-06-10T00:05:59+09:00')).toBe('令和8年6月10日（水）0:05');
  });

  it('counts days across months', () => {
    expect(daysBetween('2026-02-27', '2026-03-01')).toBe(2);
    expect(daysBetween('2026-03-01', '2026-02-27')).toBe(-2);
  });
});

describe('formatRemaining', () => {
  it.each([
    ['2026-06-05', '2026-06-04', '過ぎました'],
    ['2026-06-05', '2026-06-05', 'きょうまで'],
    ['2026-06-05', '2026-08-31', 'あと87日'],
    ['2026-06-05', '2026-12-05', 'あと6か月'],
    ['2026-06-30', '2028-06-30', 'あと2年'],
    ['2026-06-30', '2028-07-31', 'あと2年1か月'],
  ])('from %s to %s: %s', (from, to, expected) => expect(formatRemaining(from, to)).toBe(expected));
});

describe('formatAgo', () => {
  const now = Date.parse('2026-06-05T10:00:00+09:00');
  it.each([
    ['2026-06-05T09:59:30+09:00', 'たったいま'],
    ['2026-06-05T09:56:00+09:00', '4分前'],
    ['2026-06-05T07:00:00+09:00', '3時間前'],
    ['2026-06-03T10:00:00+09:00', '2日前'],
  ])('%s: %s', (time, expected) => expect(formatAgo(time, now)).toBe(expected));
});

it('writes money with separators, and reductions with a minus', () => {
  expect(formatYen(214_488)).toBe('214,488円');
  expect(formatYen(-121_254)).toBe('-121,254円');
});

it('writes sizes for reading', () => {
  expect([900, 1957, 30_000, 12_582_912].map(formatSize)).toEqual(['900バイト', '1.9KB', '29KB', '12MB']);
});

it('takes numbers as people type them', () => {
  expect(normaliseNumber(' ９９９００１ 000-0015　')).toBe('9990010000015');
});
