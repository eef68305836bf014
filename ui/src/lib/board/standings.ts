import type { StandingView } from '$lib/backend';
import type { Tone } from '$lib/messages';

/** How a month stands, in word and colour; what needs a person first comes first. */
export const STANDINGS: Record<StandingView, { word: string; tone: Tone }> = {
  notices_missing: { word: '通知不足', tone: 'attention' },
  unexplained: { word: '差額あり', tone: 'error' },
  open: { word: '要対応', tone: 'attention' },
  waiting: { word: '待ち', tone: 'wait' },
  done: { word: '済', tone: 'done' },
};

/** Text colours of the tones, for places too narrow for a chip. */
export const INKS: Record<Tone, string> = {
  done: 'text-done',
  wait: 'text-wait',
  attention: 'text-attention',
  error: 'text-error',
  neutral: 'text-ink-soft',
  practice: 'text-practice',
};

/** The figures that the board can show, in words. */
export const FIGURES: [key: string, name: string][] = [
  ['unpaid', '未収'],
  ['claimed', '請求'],
  ['returned', '返戻'],
  ['held', '保留'],
  ['assessed', '査定'],
  ['released', '保留復活'],
  ['decided', '決定'],
  ['kago', '過誤'],
  ['payable', '支払'],
  ['paid', '振込'],
  ['unexplained', '説明できない差額'],
];
