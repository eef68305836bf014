import type { SubmissionState } from '$lib/backend';

/**
 * Texts that the screens own. What a problem means is said by the backend, with its code; it is never repeated here.
 */

/** How a state is shown besides its word. */
export type Tone = 'done' | 'wait' | 'attention' | 'error' | 'neutral' | 'practice';

export const OFFLINE_TEXT = 'いまオフラインです。確認と準備は続けられます。送信は接続が戻ると自動で行います。';

export const HELD_TEXT = '保留中は再請求しないでください。再請求すると、二重の請求として返戻になります。';

export const SUBMISSION_TONES: Record<SubmissionState, Tone> = {
  ready: 'wait',
  sending: 'wait',
  refused: 'error',
  at_relay: 'wait',
  transmitting: 'wait',
  arrived: 'wait',
  receiving: 'wait',
  accepted: 'done',
  processing: 'done',
  completed: 'done',
  format_error: 'error',
  external_error: 'error',
  cancel_requested: 'wait',
  cancelling: 'wait',
  cancelled: 'neutral',
};

/** States in which a person must do something. */
export const FAILED_STATES: readonly SubmissionState[] = ['refused', 'format_error', 'external_error'];

/** States in which the file is still on its way. */
export const MOVING_STATES: readonly SubmissionState[] = [
  'ready',
  'sending',
  'at_relay',
  'transmitting',
  'arrived',
  'receiving',
  'cancel_requested',
  'cancelling',
];

/** Why a family of rules exists, by the letters that its ids begin with. */
const RULE_REASONS: Record<string, string> = {
  A: '国保連は、明細・集計・請求額を1円の単位で計算し直します。合わない請求は返戻になります。',
  B: '請求書（様式第一）の合計は、いっしょに送る明細書の合計と同じでなければ受け付けられません。',
  C: '国保連は、必要な項目と決められた値がそろっているかを最初に確かめます。足りない請求は返戻になります。',
  D: '番号の最後の1けたは、打ちまちがいを見つけるための数字です。合わない番号は、どこにも登録されていません。',
  F: 'ファイルの形が決まりと違うと、国保連はファイルを丸ごと受け付けません（様式エラー）。',
  O: '国保連は、決められた順番で並んだファイルだけを読めます。',
  V: '国保連が読める文字と書き方は決まっています。それ以外があると、ファイルを丸ごと受け付けないことがあります。',
};

/** Says why a rule exists. */
export function ruleReason(rule: string): string {
  return (
    RULE_REASONS[rule.charAt(0)] ?? '国保連が受け付けるときの決まりです。合わない請求は返戻か様式エラーになります。'
  );
}

export const SCREEN_NAMES = {
  home: 'ホーム',
  send: '請求を送る',
  returns: '返戻・未収',
  board: '本部',
  notices: '通知',
  onboarding: '利用開始',
  settings: '設定',
  help: 'ヘルプ',
} as const;
