import type {
  AlarmView,
  Choice,
  DecidedView,
  PastView,
  ReturnView,
  SavedFilterView,
  TabView,
  WithdrawalView,
  WorkItemView,
  WorkPageView,
  WorkQuery,
  WorkRowView,
} from './bindings';

const TABS = ['mine', 'fix', 'wait', 'limitation', 'forgotten', 'unfinished', 'all'];
const UNPAID = ['open', 'held', 'reclaimed'];
const DAY = 86_400_000;

/** SHA-256 of the file that the fake shows as sent: the clean one. */
const SENT = '62b99f15130c60661ad936fdaa2817285e4379b1c34abc2beffcab52479fafb5';

/** What a query says that narrows nothing. */
export const WHOLE_QUERY: WorkQuery = {
  tab: '',
  office: null,
  states: [],
  kinds: [],
  routes: [],
  codes: [],
  owner: null,
  text: null,
  min_yen: null,
  max_yen: null,
  min_age: null,
  sort: '',
  descending: false,
};

const NEXT: Record<string, string> = {
  wait: '認定や登録を待ってから請求',
  ask_care_manager: 'ケアマネジャーに頼む',
  ask_insurer: '保険者に確かめる',
  kago: '過誤を申し立てる',
  ask_vendor: '介護ソフトの会社に聞く',
  give_up: '理由を書いて終わりにする',
  read_and_choose: '通知を読んで決める',
};

const DONE: Record<string, string> = {
  settled: 'することはありません',
  closed: 'することはありません',
  lapsed: '時効です',
  reclaimed: '審査の結果を待つ',
  held: '待つ（請求しない）',
};

const STATE_WORDS: Record<string, string> = { open: '未請求', closed: '終了' };

interface Made {
  id: number;
  key: string;
  choice: Choice;
  by: string;
  at: string;
  undone: boolean;
  /** A first look at giving money up, not yet a closing. */
  proposes: boolean;
}

/** The worklist of the fake: the rules of the real one in a few lines, over rows that the fake owns. */
export class FakeWork {
  person: string | null = '山田';
  alarms: AlarmView[] = [];
  #made: Made[] = [];
  #filters: SavedFilterView[] = [];

  page(all: ReturnView[], query: WorkQuery, offset: number, count: number, today: string): WorkPageView {
    const ours = all
      .map((row) => this.row(row, today))
      .filter((row) => query.office === null || row.office === query.office);
    const tab = query.tab === '' ? 'mine' : query.tab;
    const found = ours.filter((row) => this.#isIn(row, tab, today) && passes(row, query, today));
    sort(found, query);
    const sum = (rows: WorkRowView[]) => rows.reduce((total, row) => total + row.yen, 0);
    return {
      total: found.length,
      yen: sum(found),
      estimated_yen: sum(found.filter((row) => row.estimated)),
      offset,
      rows: found.slice(offset, offset + count),
      tabs: TABS.map((name): TabView => {
        const rows = ours.filter((row) => this.#isIn(row, name, today));
        return { tab: name, count: rows.length, yen: sum(rows) };
      }),
      codes: [...new Set(ours.filter((row) => UNPAID.includes(row.state)).flatMap((row) => row.codes))].sort(),
      owners: [...new Set(ours.flatMap((row) => row.owner ?? []))].sort(),
      risk: risk(ours, today),
      person: this.person,
    };
  }

  item(
    all: ReturnView[],
    id: string,
    today: string,
    withdrawalOf: (of: ReturnView) => WithdrawalView,
  ): WorkItemView | null {
    const found = all.find((row) => idOf(row) === id);
    if (!found) return null;
    const row = this.row(found, today);
    const made = this.#of(found.key);
    const proposal = this.#proposal(found.key);
    const limitation = found.limitation_date;
    return {
      row,
      item: { ...found, state: row.state, state_word: row.state_word, route: row.route },
      last_claim_day: limitation && `${limitation.slice(0, 7)}-10`,
      last_safe_day: limitation && `${monthPlus(limitation, -1)}-10`,
      attempts: found.story
        .filter((step) => /請求 /.test(step.text))
        .map((step) => ({
          processing_month: step.month,
          yen: found.yen,
          units: 6098,
          file: `KK${step.month.slice(2, 4)}${step.month.slice(5)}01.CSV`,
          sha256: SENT,
          line: 4,
        })),
      notice_lines: found.story
        .filter((step) => /返戻|保留|査定/.test(step.text))
        .map((step) => ({
          month: step.month,
          title: '返戻（保留）一覧表',
          notice: '',
          text: `${found.codes.join('・') || step.text}：${found.reason}`,
        })),
      alarms: this.alarms.filter((alarm) => alarm.key === found.key),
      forecast: null,
      withdrawal: withdrawalOf(found),
      proposal: proposal && {
        reason: reasonOf(proposal),
        by: proposal.by,
        at: proposal.at,
        mine: proposal.by === this.person,
      },
      notes: made.filter((past) => past.choice.kind === 'note' && !past.undone).map(pastView),
      history: made.toReversed().map(pastView),
    };
  }

  /** The row of an item with what people decided about it. */
  row(view: ReturnView, today: string): WorkRowView {
    const human = this.#of(view.key).filter((past) => !past.undone && view.kind !== 'assessed');
    const last = <K extends Choice['kind']>(kind: K) =>
      human.findLast((past) => past.choice.kind === kind)?.choice as Extract<Choice, { kind: K }> | undefined;
    const closing = human.findLast(
      (past) => past.choice.kind === 'reopen' || (past.choice.kind === 'close' && !past.proposes),
    );
    const state = closing?.choice.kind === 'close' ? 'closed' : view.state;
    const route = (state === 'open' && last('route')?.route) || view.route;
    const unfinished = UNPAID.includes(state);
    const actable = state === 'open' && route !== 'wait' && route !== 'give_up';
    const set = unfinished ? last('due')?.date : null;
    const window = actable && view.next_window ? `${view.next_window}-10` : null;
    const limitation = ['open', 'held'].includes(state) ? view.limitation_date : null;
    return {
      id: idOf(view),
      key: view.key,
      office: view.office,
      office_name: view.office_name,
      insurer: view.insurer,
      insured: view.insured,
      insured_kana: view.insured_kana,
      service_month: view.service_month,
      kind: view.kind,
      kind_word: view.kind_word,
      state,
      state_word: state === view.state ? view.state_word : (STATE_WORDS[state] ?? view.state_word),
      codes: view.codes,
      reason: view.reason,
      route,
      next: DONE[state] ?? NEXT[route] ?? `直して${Number(view.next_window?.slice(5) ?? 0)}月請求に入れる`,
      yen: view.yen,
      estimated: view.estimated,
      times_returned: view.times_returned,
      due: set ?? window ?? limitation,
      due_from: set ? 'person' : window ? 'window' : limitation ? 'limitation' : null,
      owner: last('owner')?.name || null,
      first_month: view.first_month,
      limitation_date: view.limitation_date,
      give_up_proposed: this.#proposal(view.key) !== null,
      forgotten: state === 'open' && monthPlus(view.story.at(-1)?.month ?? view.first_month, 2) <= today.slice(0, 7),
      notes: human.filter((past) => past.choice.kind === 'note').length,
    };
  }

  /** Decides; `null` for a key that is not among the items, `second_look` when the same person closes without saying so. */
  decide(all: ReturnView[], keys: string[], choice: Choice, at: string): DecidedView | null | 'second_look' {
    const ids: number[] = [];
    let proposed = 0;
    for (const key of keys) {
      const found = all.find((row) => row.key === key && row.kind !== 'assessed');
      if (!found) return null;
      const proposal = this.#proposal(key);
      const by = this.person ?? '';
      let made = choice;
      let proposes = false;
      if (choice.kind === 'close') {
        if (proposal && proposal.by === by && !choice.looked_twice) return 'second_look';
        if (proposal) made = { ...choice, reason: reasonOf(proposal) };
        else
          proposes = !choice.looked_twice && UNPAID.includes(this.row(found, at.slice(0, 10)).state) && found.yen > 0;
      }
      if (proposes) proposed += 1;
      const id = this.#made.length + 1;
      this.#made.push({ id, key, choice: made, by, at, undone: false, proposes });
      ids.push(id);
    }
    return { ids, text: told(choice, keys.length, proposed) };
  }

  undo(ids: number[]): DecidedView | null {
    const found = this.#made.filter((past) => ids.includes(past.id) && !past.undone);
    if (found.length !== ids.length) return null;
    for (const past of found) past.undone = true;
    return { ids: [], text: `${found.length}件の操作を元に戻しました。` };
  }

  filters(): SavedFilterView[] {
    return structuredClone(this.#filters);
  }

  saveFilter(name: string, query: WorkQuery | null): SavedFilterView[] {
    this.#filters = this.#filters.filter((filter) => filter.name !== name);
    if (query) this.#filters.push({ name, query: structuredClone(query) });
    return this.filters();
  }

  #of(key: string): Made[] {
    return this.#made.filter((past) => past.key === key);
  }

  #proposal(key: string): Made | null {
    const ends = ['close', 'keep', 'reopen'];
    const last = this.#of(key).findLast((past) => !past.undone && ends.includes(past.choice.kind));
    return last?.proposes ? last : null;
  }

  #isIn(row: WorkRowView, tab: string, today: string): boolean {
    const unfinished = UNPAID.includes(row.state);
    if (tab === 'all') return true;
    if (tab === 'unfinished') return unfinished;
    if (tab === 'forgotten') return row.forgotten;
    if (tab === 'fix') return row.state === 'open' && row.route !== 'wait' && row.route !== 'give_up';
    if (tab === 'wait')
      return row.state === 'held' || row.state === 'reclaimed' || (row.state === 'open' && row.route === 'wait');
    if (tab === 'limitation') {
      const days = row.limitation_date === null ? -1 : (Date.parse(row.limitation_date) - Date.parse(today)) / DAY;
      return ['open', 'held'].includes(row.state) && days >= 0 && days <= 183;
    }
    return unfinished && (row.owner === null || row.owner === this.person);
  }
}

/** Names the item of a claim that came back. */
export function idOf(view: ReturnView): string {
  return `${view.key}/${view.kind}/${view.first_month}`;
}

function reasonOf(made: Made): string {
  return made.choice.kind === 'close' ? made.choice.reason : '';
}

/** Returns the month so many months later. */
export function monthPlus(month: string, by: number): string {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7);
}

function passes(row: WorkRowView, query: WorkQuery, today: string): boolean {
  const oneOf = (list: string[], value: string) => list.length === 0 || list.includes(value);
  const text = (query.text ?? '').trim().normalize('NFKC');
  const months = (Number(today.slice(0, 4)) - Number(row.first_month.slice(0, 4))) * 12;
  const age = months + Number(today.slice(5, 7)) - Number(row.first_month.slice(5, 7));
  return (
    oneOf(query.states, row.state) &&
    oneOf(query.kinds, row.kind) &&
    oneOf(query.routes, row.route) &&
    (query.codes.length === 0 || row.codes.some((code) => query.codes.includes(code))) &&
    (query.owner === null || (row.owner ?? '') === query.owner) &&
    (query.min_yen === null || row.yen >= query.min_yen) &&
    (query.max_yen === null || row.yen <= query.max_yen) &&
    (query.min_age === null || age >= query.min_age) &&
    (text === '' || row.insured.includes(text) || (row.insured_kana ?? '').includes(text))
  );
}

function sort(rows: WorkRowView[], query: WorkQuery): void {
  const keys: Record<string, (row: WorkRowView) => string | number> = {
    yen: (row) => row.yen,
    person: (row) => row.insured_kana ?? `\uffff${row.insured}`,
    service_month: (row) => row.service_month,
    kind: (row) => row.kind_word,
    owner: (row) => row.owner ?? '\uffff',
  };
  const of = keys[query.sort] ?? ((row: WorkRowView) => row.due ?? '9999');
  rows.sort((a, b) => {
    const [left, right] = [of(a), of(b)];
    const order = left < right ? -1 : left > right ? 1 : 0;
    return (query.descending ? -order : order) || b.yen - a.yen || a.key.localeCompare(b.key);
  });
}

function risk(rows: WorkRowView[], today: string): WorkPageView['risk'] {
  const within = (days: number) =>
    rows
      .filter(
        (row) => ['open', 'held'].includes(row.state) && row.limitation_date !== null && row.limitation_date >= today,
      )
      .filter((row) => (Date.parse(`${row.limitation_date?.slice(0, 7)}-10`) - Date.parse(today)) / DAY <= days)
      .reduce((total, row) => total + row.yen, 0);
  return {
    too_late: within(-1),
    within_30_days: within(30),
    within_60_days: within(60),
    within_90_days: within(90),
  };
}

function pastView(past: Made): PastView {
  const { choice } = past;
  const texts: Record<Choice['kind'], string> = {
    owner: choice.kind === 'owner' && choice.name ? `担当：${choice.name}` : '担当を空けた',
    due: choice.kind === 'due' && choice.date ? `期日：${choice.date}` : '期日をもとの日に戻した',
    note: choice.kind === 'note' ? choice.text : '',
    route: '次にすることを選んだ',
    close: `${past.proposes ? 'あきらめる候補' : '終わりにした'}：${reasonOf(past)}`,
    keep: 'あきらめずに残した',
    reopen: '元の状態に戻した',
  };
  return {
    id: past.id,
    at: past.at,
    by: past.by,
    text: texts[choice.kind],
    undone: past.undone,
    undoable: !past.undone,
  };
}

function told(choice: Choice, count: number, proposed: number): string {
  if (choice.kind === 'owner')
    return choice.name ? `${count}件の担当を${choice.name}さんにしました。` : `${count}件の担当を空けました。`;
  if (choice.kind === 'due') return `${count}件の期日を変えました。`;
  if (choice.kind === 'note') return `${count}件にメモを書きました。`;
  if (choice.kind === 'route') return `${count}件の次にすることを変えました。`;
  if (choice.kind === 'keep') return `${count}件を、あきらめずに残しました。`;
  if (choice.kind === 'reopen') return `${count}件を、元の状態に戻しました。`;
  return proposed > 0
    ? `${proposed}件を、あきらめる候補にしました。もう一度確かめると終わりになります。`
    : `${count}件を終わりにしました。`;
}
