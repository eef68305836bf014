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
