import type { WorkRowView } from '$lib/backend';
import { formatDate, formatRemaining, shortMonth } from '$lib/format';

/** Tabs that everybody has, in their order. Which items a tab shows is decided by the backend. */
export const TABS = ['mine', 'fix', 'wait', 'limitation', 'forgotten', 'unfinished', 'all'] as const;

export type Tab = (typeof TABS)[number];

export const TAB_NAMES: Record<Tab, string> = {
  mine: '自分と未割当',
  fix: '今月の請求で直す',
  wait: '待つもの',
  limitation: '時効が近い',
  forgotten: '請求もれ',
  unfinished: '未解決',
  all: 'すべて',
};

export const EMPTY_TEXTS: Record<Tab, { title: string; text: string }> = {
  mine: { title: '自分と未割当のものはありません', text: '国保連の審査の結果は、月の終わりごろに届きます。' },
  fix: { title: 'いま直すものはありません', text: '国保連の審査の結果は、月の終わりごろに届きます。' },
  wait: { title: '待っているものはありません', text: '保留や、時間がたてば請求できるものが出ると、ここに並びます。' },
  limitation: { title: '時効が近いものはありません', text: '6か月以内に時効になるものが出ると、ここに並びます。' },
  forgotten: {
    title: '請求もれはありません',
    text: '返ってきたあと、請求できる月を過ぎても請求していないものが、ここに並びます。',
  },
  unfinished: { title: '未解決のものはありません', text: '国保連の審査の結果は、月の終わりごろに届きます。' },
  all: { title: '返戻も未収もありません', text: '通知が届くと、支払われなかったものがここに並びます。' },
};

export const ROUTE_NAMES: Record<string, string> = {
  fix_now: '直して請求する',
  wait: '待つ',
  ask_care_manager: 'ケアマネジャーに頼む',
  ask_insurer: '保険者に確かめる',
  kago: '過誤を申し立てる',
  ask_vendor: '介護ソフトの会社に聞く',
  give_up: '終わりにする',
  read_and_choose: '通知を読んで決める',
};

export const STATE_NAMES: Record<string, string> = {
  open: '未請求',
  held: '保留中',
  reclaimed: '再請求済み',
  settled: '解決',
  closed: '終了',
  lapsed: '時効',
};

export type SortColumn = 'due' | 'person' | 'service_month' | 'kind' | 'yen' | 'owner';

/** Says until when something should be done, and where that day comes from. */
export function dueText(row: WorkRowView, today: string): { text: string; note: string } {
  if (row.due === null) return { text: '—', note: row.state_word };
  const month = shortMonth(row.due.slice(0, 7));
  const day = `${month}${Number(row.due.slice(8))}日`;
  if (row.due_from === 'window') return { text: `${day}まで`, note: `${month}請求` };
  if (row.due_from === 'person') return { text: `${day}まで`, note: row.due < today ? '過ぎています' : '決めた期日' };
  return { text: `時効 ${formatRemaining(today, row.due)}`, note: formatDate(row.due).replace(/（.*$/, '') };
}
