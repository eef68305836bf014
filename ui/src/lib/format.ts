import { dates } from './dates.svelte';
import { once } from './once';

const WEEKDAYS = ['日', '月', '火', '水', '木', '金', '土'];

/** Eras, latest first, with their first day. Claims reach back five years, notices a little longer. */
const ERAS: [name: string, from: string][] = [
  ['令和', '2019-05-01'],
  ['平成', '1989-01-08'],
  ['昭和', '1926-12-25'],
];

function era(date: string): string {
  const year = Number(date.slice(0, 4));
  if (dates.style === 'western') return `${year}年`;
  const found = ERAS.find(([, from]) => date >= from);
  if (!found) return `${year}年`;
  const [name, from] = found;
  const count = year - Number(from.slice(0, 4)) + 1;
  return `${name}${count === 1 ? '元' : count}年`;
}

/** Writes `2026-06` as `令和8年6月`, or `2026年6月` where a person chose 西暦. A month that an era begins in belongs to the new era. */
export function formatMonth(month: string): string {
  return `${era(`${month}-31`)}${Number(month.slice(5, 7))}月`;
}

/** Writes `2026-06` as `6月`. */
export function shortMonth(month: string): string {
  return `${Number(month.slice(5, 7))}月`;
}

/** Writes `2026-06-10` as `令和8年6月10日（水）`. */
export function formatDate(date: string): string {
  return `${era(date.slice(0, 10))}${shortDate(date)}`;
}

/** Writes `2026-06-10` as `6月10日（水）`. */
export function shortDate(date: string): string {
  const [year, month, day] = date.slice(0, 10).split('-').map(Number) as [number, number, number];
  const weekday = WEEKDAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()];
  return `${month}月${day}日（${weekday}）`;
}

/** Writes the clock time of an RFC 3339 time in Japan time, `17:00`. */
export function formatClock(time: string): string {
  return `${Number(time.slice(11, 13))}:${time.slice(14, 16)}`;
}

/** Writes an RFC 3339 time in Japan time as `6月10日（水）17:00`. */
export function shortTime(time: string): string {
  return `${shortDate(time)}${formatClock(time)}`;
}

/** Writes an RFC 3339 time in Japan time as `令和8年6月10日（水）17:00`. */
export function formatTime(time: string): string {
  return `${formatDate(time)}${formatClock(time)}`;
}

/** Returns whole days from one date to another; negative when `to` lies before. */
export function daysBetween(from: string, to: string): number {
  const day = (date: string) => Date.parse(`${date.slice(0, 10)}T00:00:00Z`) / 86_400_000;
  return day(to) - day(from);
}

/** Writes how long ago `time` was: `たったいま`, `4分前`, `3時間前`, `2日前`. */
export function formatAgo(time: string, now: number): string {
  const minutes = Math.floor((now - Date.parse(time)) / 60_000);
  if (minutes < 1) return 'たったいま';
  if (minutes < 60) return `${minutes}分前`;
  if (minutes < 60 * 24) return `${Math.floor(minutes / 60)}時間前`;
  return `${Math.floor(minutes / (60 * 24))}日前`;
}

/** Writes how long it is until `to`: `あと1年3か月`, `あと40日`, `きょうまで`, `過ぎました`. */
export function formatRemaining(today: string, to: string): string {
  const days = daysBetween(today, to);
  if (days < 0) return '過ぎました';
  if (days === 0) return 'きょうまで';
  if (days < 90) return `あと${days}日`;
  const months = Math.floor(days / 30.44);
  const years = Math.floor(months / 12);
  const rest = months % 12;
  return `あと${years ? `${years}年` : ''}${rest || !years ? `${rest}か月` : ''}`;
}

/** Writes yen with separators and 円: `-1,234円`. */
export function formatYen(yen: number): string {
  return `${formatNumber(yen)}円`;
}

const numbers = once(() => new Intl.NumberFormat('ja-JP'));

/** Writes a whole number with separators. */
export function formatNumber(value: number): string {
  return numbers().format(value);
}

/** Writes a size in bytes for reading: `1.9KB`, `12MB`. */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes}バイト`;
  const [value, unit] = bytes < 1024 * 1024 ? [bytes / 1024, 'KB'] : [bytes / 1024 / 1024, 'MB'];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)}${unit}`;
}

/** Turns full-width letters and digits into half-width and drops blanks, as people type numbers either way. */
export function normaliseNumber(text: string): string {
  return text.normalize('NFKC').replace(/[\s\u3000-]/g, '');
}
