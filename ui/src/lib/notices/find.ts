import type { NoticeView } from '$lib/backend';

/** What a person asked to see of the notices. */
export interface Wanted {
  /** Words in title, office, file; every one of them must stand there. */
  text: string;
  /** 交換情報識別番号; empty for all. */
  kind: string;
  /** 審査年月; empty for all. */
  month: string;
  /** First and last 発行日; empty for any. */
  since: string;
  until: string;
  /** Only those not opened yet. */
  unread: boolean;
}

export const EVERYTHING: Wanted = { text: '', kind: '', month: '', since: '', until: '', unread: false };

const plain = (text: string) => text.normalize('NFKC').toLowerCase();

/** Returns the notices asked for. `naming` are the ids of those in whose content the text stands. */
export function findNotices(notices: NoticeView[], wanted: Wanted, naming: ReadonlySet<string>): NoticeView[] {
  const words = plain(wanted.text).split(/\s+/).filter(Boolean);
  return notices.filter((notice) => {
    if (wanted.kind !== '' && notice.exchange_id !== wanted.kind) return false;
    if (wanted.month !== '' && notice.processing_month !== wanted.month) return false;
    if (wanted.since !== '' && (notice.issued === null || notice.issued < wanted.since)) return false;
    if (wanted.until !== '' && (notice.issued === null || notice.issued > wanted.until)) return false;
    if (wanted.unread && !notice.unread) return false;
    if (words.length === 0 || naming.has(notice.id)) return true;
    const told = plain([notice.title, notice.exchange_id, notice.office, notice.office_name, notice.file].join(' '));
    return words.every((word) => told.includes(word));
  });
}

/** Whether a text is worth looking for inside notices: the backend finds shorter ones everywhere, and says nothing. */
export function isWorthLooking(text: string): boolean {
  const words = plain(text).split(/\s+/).filter(Boolean);
  return words.length > 0 && words.every((word) => word.length >= (/^[\x20-\x7e]+$/.test(word) ? 4 : 2));
}

/** Returns the kinds of the notices on hand with their titles, by number. */
export function kindsOf(notices: NoticeView[]): [exchangeId: string, title: string][] {
  const kinds = new Map(notices.map((notice) => [notice.exchange_id, notice.title]));
  return [...kinds].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** Returns the months of the notices on hand, newest first. */
export function monthsOf(notices: NoticeView[]): string[] {
  const months = new Set(notices.map((notice) => notice.processing_month).filter((month) => month !== null));
  return [...months].toSorted().toReversed();
}
