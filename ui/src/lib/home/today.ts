import type { FrameView, NoticeView, OfficeView, SubmissionView, WorkRowView } from '$lib/backend';
import { daysBetween, formatMonth, formatRemaining, formatYen, shortDate, shortMonth } from '$lib/format';
import { FAILED_STATES, type Tone } from '$lib/messages';
import { href } from '$lib/router.svelte';

/** One thing to do today. */
export interface TodayLine {
  key: string;
  tone: Tone;
  word: string;
  text: string;
  note: string;
  button: string;
  href: string;
}

/** Most lines that the day's list has: what a person can take in at a glance. */
const MOST = 7;

/** Returns the offices from which nothing was sent for a processing month, test files aside. */
export function officesToSend(offices: OfficeView[], submissions: SubmissionView[], month: string): OfficeView[] {
  const sent = new Set(
    submissions
      .filter((submission) => submission.processing_month === month && !submission.test)
      .filter((submission) => !FAILED_STATES.includes(submission.state) && submission.state !== 'cancelled')
      .map((submission) => submission.office),
  );
  return offices.filter((office) => !sent.has(office.number));
}

interface Facts {
  frame: FrameView;
  unsent: OfficeView[];
  submissions: SubmissionView[];
  /** What can be put right in the next window, the most urgent first. */
  fixable: WorkRowView[];
  /** What lapses soon, the soonest first. */
  lapsing: WorkRowView[];
  notices: NoticeView[];
}

/** Makes the day's list: what stopped, what lapses, what must be sent, what came, what can be put right. */
export function todaysList({
  frame,
  unsent,
  submissions,
  fixable: toFix,
  lapsing: toLapse,
  notices,
}: Facts): TodayLine[] {
  const { window, today } = frame;
  const stopped = submissions
    .filter((submission) => FAILED_STATES.includes(submission.state))
    .map((submission) => ({
      key: `stopped-${submission.id}`,
      tone: 'error' as const,
      word: submission.state_word,
      text: `${submission.office_name}の${shortMonth(submission.processing_month)}請求が止まっています`,
      note: submission.problem?.message ?? submission.message ?? '',
      button: '確かめる',
      href: href('send', submission.id),
    }));
  const lapsing = toLapse.map((row) => ({
    key: `lapsing-${row.id}`,
    tone: 'attention' as const,
    word: '時効が近い',
    text: `${row.office_name} ${row.insured_kana ?? row.insured}さんの${formatMonth(row.service_month)}分 ${formatYen(row.yen)}`,
    note: row.limitation_date
      ? `${shortDate(row.limitation_date)}まで（${formatRemaining(today, row.limitation_date)}）。過ぎると受け取れません。`
      : '',
    button: '見る',
    href: href('returns', row.id),
  }));
  const toSend = window.open
    ? unsent.map((office) => ({
        key: `send-${office.number}`,
        tone: 'attention' as const,
        word: 'まだです',
        text: `${office.name}の${shortMonth(window.processing_month)}請求を送る`,
        note: `締切は${shortDate(window.closes)}です（あと${daysBetween(today, window.closes)}日）。`,
        button: '送る',
        href: href('send'),
      }))
    : [];
  const unread = notices
    .filter((notice) => notice.unread)
    .map((notice) => ({
      key: `notice-${notice.id}`,
      tone: 'wait' as const,
      word: '届きました',
      text: `${notice.title}（${notice.office_name}）`,
      note: notice.processing_month ? `${formatMonth(notice.processing_month)}審査` : '',
      button: '開く',
      href: href('notices', notice.id),
    }));
  const lapsingKeys = new Set(lapsing.map((line) => line.key.slice('lapsing-'.length)));
  const fixable = toFix
    .filter((row) => !lapsingKeys.has(row.id))
    .map((row) => ({
      key: `fix-${row.id}`,
      tone: 'attention' as const,
      word: row.kind_word,
      text: `${row.office_name} ${row.insured_kana ?? row.insured}さんの${formatMonth(row.service_month)}分 ${formatYen(row.yen)}`,
      note: row.reason,
      button: '直す',
      href: href('returns', row.id),
    }));
  return [...stopped, ...lapsing, ...toSend, ...unread, ...fixable].slice(0, MOST);
}
