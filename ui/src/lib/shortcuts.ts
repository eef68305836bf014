import type { Screen } from './router.svelte';

/** A key that works on every screen. */
export interface Shortcut {
  /** As it stands on the keyboard and in the guide: `Ctrl+O`. */
  keys: string;
  /** What it does. */
  text: string;
  /** The screen that it leads to, if that is what it does. */
  screen?: Screen;
  action?: 'help' | 'choose' | 'refresh' | 'find';
}

/** The whole map. The guide（キー操作）lists the same; a test compares them. */
export const SHORTCUTS: readonly Shortcut[] = [
  { keys: 'F1', text: 'いまの画面の使い方を開く', action: 'help' },
  { keys: 'F5', text: 'いまの状態を確かめる', action: 'refresh' },
  { keys: 'Ctrl+O', text: '請求ファイルを選ぶ', action: 'choose' },
  { keys: 'Ctrl+F', text: 'いまの画面の中を探す', action: 'find' },
  { keys: 'Ctrl+1', text: 'ホームへ行く', screen: 'home' },
  { keys: 'Ctrl+2', text: '「請求を送る」へ行く', screen: 'send' },
  { keys: 'Ctrl+3', text: '「返戻・未収」へ行く', screen: 'returns' },
  { keys: 'Ctrl+4', text: '「本部」へ行く', screen: 'board' },
  { keys: 'Ctrl+5', text: '「通知」へ行く', screen: 'notices' },
  { keys: 'Ctrl+6', text: '「利用開始」へ行く', screen: 'onboarding' },
  { keys: 'Ctrl+,', text: '「設定」へ行く', screen: 'settings' },
];

/** Page of the guide that F1 opens on a screen; the others open ヘルプ itself. */
export const HELP_PAGES: Partial<Record<Screen, string>> = {
  home: 'はじめに',
  send: '送る',
  returns: '返戻',
  board: '本部',
  notices: '通知',
  onboarding: '利用開始',
  settings: 'パソコンで使う',
};

/** Returns the shortcut that a key press means; `undefined` for every other press and while kana are converted. */
export function shortcutOf(event: KeyboardEvent): Shortcut | undefined {
  if (event.isComposing || event.keyCode === 229 || event.altKey || event.shiftKey) return undefined;
  const command = event.ctrlKey || event.metaKey;
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  return SHORTCUTS.find(({ keys }) => keys === (command ? `Ctrl+${key}` : key));
}
