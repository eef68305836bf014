import type { NoticeView } from '$lib/backend';

/** What a person asked to see of the notices. */
export interface Wanted {
  /** Words in title, office, file; every one of them must stand there. */
  text: string;
  /** 交換情報識別番号; empty for all. */
  kind: string;
  /** 審査年月; empty for all. */
  month: string;
  /** Only those not opened yet. */
  unread: boolean;
}

export const EVERYTHING: Wanted = { text: '', kind: '', month: '', unread: false };

const plain = (text: string) => text.normalize('NFKC').toLowerCase();

/** Returns the notices asked for. `naming` are the ids of those in whose content the text stands. */
export function findNotices(notices: NoticeView[], wanted: Wanted, naming: ReadonlySet<string>): NoticeView[] {
  const words = plain(wanted.text).split(/\s+/).filter(Boolean);
  return notices.filter((notice) => {
    if (wanted.kind !== '' && notice.exchange_id !== wanted.kind) return false;
    if (wanted.month !== '' && notice.processing_month !== wanted.month) return false;
    if (wanted.unread && !notice.unread) return false;
    if (words.length === 0 || naming.has(notice.id)) return true;
    const told = plain([notice.title, notice.exchange_id, notice.office, notice.office_name, notice.file].join(' '));
    return words.every((word) => told.includes(word));
  });
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
