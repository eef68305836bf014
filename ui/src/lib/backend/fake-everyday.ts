import type {
  CopyView,
  HealthItemView,
  HealthView,
  Preferences,
  RecentFileView,
  UpdateView,
  WatchView,
} from './bindings';
import { Problem } from './problem';

const USUAL: Preferences = {
  notifications: true,
  quiet_from: '20:00',
  quiet_until: '07:00',
  remind_days: 3,
  watched_folder: null,
  stay_open: false,
  proxy: { mode: 'system', address: '', user: '' },
  company_root: null,
};

function good(id: string, name: string, found: string): HealthItemView {
  return { id, name, state: 'good', found, remedy: null };
}

/** What the fake backend knows of everyday comfort and support. Refuses what the real one refuses. */
export class FakeEveryday {
  preferences: Preferences = structuredClone(USUAL);
  proxyPassword = '';
  /** Paths that the watched folder got. */
  found: string[] = [];
  away = false;
  recent: RecentFileView[] = [];
  update: UpdateView | null = null;
  /** Whether the 1st to the 10th is over, so that a newer version may be spoken of. */
  announces = false;
  clockOff: string | null = null;
  copies: CopyView[] = [{ name: 'todoke-v4-20260601T090000.db', bytes: 1_482_752 }];
  health: HealthView = {
    state: 'attention',
    items: [
      good('disk', 'ディスクの空き', '空きは118GBです。'),
      good('keychain', '鍵とパスワードの保管', '読み書きできます。'),
      good('database', 'このパソコンの記録', '壊れていません（1MB）。'),
      good('relay', '中継サーバー', 'https://relay.example.jp につながります。'),
      good('clock', 'パソコンの時計', '合っています。'),
      good('proxy', 'プロキシ', '使いません（パソコンの設定）。'),
      {
        id: 'webview',
        name: '画面を出すしくみ',
        state: 'attention',
        found: '版がわかりません。',
        remedy: 'Windowsの「設定」→「アプリ」で、Microsoft Edge WebView2 ランタイムを修復してください。',
      },
    ],
  };

  set(wanted: Preferences): Preferences {
    const times = [wanted.quiet_from, wanted.quiet_until];
    if (!times.every((time) => /^([01]?\d|2[0-3]):[0-5]\d$/.test(time.trim())) || wanted.remind_days > 9) {
      throw new Problem({
        code: 'E-1731',
        message: '時刻は 20:00 のように入れてください。お知らせを始める日は、0日前から9日前までです。',
        retryable: false,
      });
    }
    if (wanted.proxy.mode === 'manual' && !/^[^\s:/@]+:\d+$/.test(wanted.proxy.address.trim())) {
      throw new Problem({
        code: 'E-1311',
        message:
          'プロキシのアドレスは、proxy.example.jp:8080 のように、名前とポートの番号を「:」でつないで入れてください。',
        retryable: false,
      });
    }
    const { watched_folder, company_root } = this.preferences;
    this.preferences = { ...structuredClone(wanted), watched_folder, company_root };
    return structuredClone(this.preferences);
  }

  watched(): WatchView {
    return { folder: this.preferences.watched_folder, away: this.away, found: this.found.length };
  }

  takeFound(): string[] {
    return this.found.splice(0);
  }

  /** Remembers files that were laid on the desk, latest first. */
  remember(paths: string[], at: string): void {
    const views = paths.map((path) => ({
      path,
      file: path.split('/').pop() ?? path,
      folder: path.split('/').slice(0, -1).join('/'),
      at,
      there: true,
    }));
    this.recent = [...views, ...this.recent.filter((former) => !paths.includes(former.path))].slice(0, 10);
  }
}
