import type { ReturnView } from '$lib/backend';
import { daysBetween } from '$lib/format';

/** Days before the time bar from which an item counts as near it: about six claim windows. */
export const NEAR_LIMITATION_DAYS = 183;

/** What identifies an item of the tracker (DESIGN §5, claim key). */
export function returnKey(row: ReturnView): string {
  return [row.office, row.insurer, row.insured, row.service_month, row.exchange_id, row.kind].join('.');
}

/** Whether someone must put the item right now. Held items and items that only time cures are not among them. */
export function isFixable(row: ReturnView): boolean {
  return row.state === 'open' && row.route !== 'wait' && row.route !== 'give_up';
}

/** Whether there is nothing to do but wait: held, returned for a reason that time cures, or claimed again. */
export function isWaiting(row: ReturnView): boolean {
  return row.state === 'held' || row.state === 'reclaimed' || (row.state === 'open' && row.route === 'wait');
}

/** Whether the item is not over yet: to be put right, waiting, or claimed again and not decided. */
export function isUnfinished(row: ReturnView): boolean {
  return ['open', 'held', 'reclaimed'].includes(row.state);
}

/** Whether money is still to be had and will soon be lost. */
export function isNearLimitation(row: ReturnView, today: string): boolean {
  if (row.limitation_date === null || !['open', 'held'].includes(row.state)) return false;
  const days = daysBetween(today, row.limitation_date);
  return days >= 0 && days <= NEAR_LIMITATION_DAYS;
}

export const FILTERS = ['unfinished', 'fix', 'wait', 'limitation', 'all'] as const;

/** A saved filter, shown as a tab. */
export type Filter = (typeof FILTERS)[number];

export const FILTER_NAMES: Record<Filter, string> = {
  unfinished: '未解決',
  fix: '今月の請求で直す',
  wait: '待つもの',
  limitation: '時効が近い',
  all: 'すべて',
};

/** Whether a tab shows an item. */
export function passes(filter: Filter, row: ReturnView, today: string): boolean {
  if (filter === 'unfinished') return isUnfinished(row);
  if (filter === 'fix') return isFixable(row);
  if (filter === 'wait') return isWaiting(row);
  if (filter === 'limitation') return isNearLimitation(row, today);
  return true;
}

/** The day that matters next: of what can be put right the window's last day, of what must wait the time bar. */
export function dueDate(row: ReturnView): string | null {
  if (isFixable(row) && row.next_window) return `${row.next_window}-10`;
  return ['open', 'held'].includes(row.state) ? row.limitation_date : null;
}

export type SortColumn = 'due' | 'person' | 'service_month' | 'kind' | 'yen';

const NEVER = '9999';

/** Sorts a copy; items without a due date come last. */
export function sortReturns(rows: ReturnView[], column: SortColumn, descending: boolean): ReturnView[] {
  const key: Record<SortColumn, (row: ReturnView) => string | number> = {
    due: (row) => dueDate(row) ?? NEVER,
    person: (row) => row.insured_kana ?? row.insured,
    service_month: (row) => row.service_month,
    kind: (row) => row.kind_word,
    yen: (row) => row.yen,
  };
  const of = key[column];
  return rows.toSorted((a, b) => {
    const [left, right] = [of(a), of(b)];
    const order =
      typeof left === 'number' && typeof right === 'number'
        ? left - right
        : String(left).localeCompare(String(right), 'ja');
    return (descending ? -order : order) || a.insured.localeCompare(b.insured);
  });
}
