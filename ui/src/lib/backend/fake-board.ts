import type {
  AnalysisView,
  BankView,
  BarView,
  BoardView,
  DepositView,
  LockView,
  OfficeMonthView,
  ReturnView,
  RollView,
  StandingView,
  TallyView,
} from './bindings';
import { OFFICES } from './fake-data';

/** A month of an office, as far as the fake keeps books. */
export interface FakeMonth {
  office: string;
  office_name: string;
  month: string;
  claims: number;
  claimed: number;
  returned: number;
  held: number;
  assessed: number;
  released: number;
  decided: number;
  kago: number;
  payable: number;
  paid: number;
  unpaid: number;
  unexplained: number;
  /** The payment details are on hand. */
  is_decided: boolean;
  missing: string[];
}

/** A closing, or a reopening when it has no stage. */
export interface FakeClosing {
  office: string;
  month: string;
  stage: string | null;
  what: string;
  reason: string;
  by: string;
  at: string;
}

const TITLES: Record<string, string> = { '7521': '支払決定額内訳書', '7513': '支払決定額通知書' };

function month(at: number, of: string, figures: Partial<FakeMonth>): FakeMonth {
  const office = OFFICES[at] ?? { number: '', name: '' };
  const nothing = { claims: 0, claimed: 0, returned: 0, held: 0, assessed: 0, released: 0, decided: 0, kago: 0 };
  const rest = { payable: 0, paid: 0, unpaid: 0, unexplained: 0, is_decided: true, missing: [] };
  return { office: office.number, office_name: office.name, month: of, ...nothing, ...rest, ...figures };
}

/** The books before the fake month end. */
export const MONTHS_BEFORE: FakeMonth[] = [
  month(0, '2026-05', {
    claims: 48,
    claimed: 2_941_507,
    returned: 84_120,
    assessed: -10_762,
    decided: 2_846_625,
    payable: 2_846_625,
    unpaid: 84_120,
    missing: ['7513'],
  }),
  month(1, '2026-05', {
    claims: 61,
    claimed: 3_391_044,
    returned: 100_075,
    decided: 3_290_969,
    kago: -12_400,
    payable: 3_278_569,
    paid: 3_278_569,
    unpaid: 218_475,
  }),
  month(2, '2026-05', {
    claims: 52,
    claimed: 718_640,
    returned: 14_330,
    decided: 704_310,
    payable: 704_310,
    paid: 704_310,
    unpaid: 14_330,
  }),
];

/** June as far as known: after sending, after the review, after the payment. */
export function monthOfJune(phase: 'sent' | 'reviewed' | 'paid'): FakeMonth {
  const [reviewed, paid] = [phase !== 'sent', phase === 'paid'];
  return month(0, '2026-06', {
    claims: 3,
    claimed: 214_488,
    returned: reviewed ? 57_351 : 0,
    held: reviewed ? 63_903 : 0,
    decided: paid ? 93_234 : 0,
    payable: paid ? 93_234 : 0,
    paid: paid ? 93_234 : 0,
    unpaid: reviewed ? 121_254 : 0,
    is_decided: paid,
  });
}

/** Lays out months of many offices; every seventh has something open, every eleventh a gap. */
export function manyMonths(offices: number, months: number): FakeMonth[] {
  return Array.from({ length: offices * months }, (_, index) => {
    const [at, back] = [Math.floor(index / months), index % months];
    const claimed = 1_000_000 + ((at * 7919 + back * 104_729) % 900_000);
    const returned = (at + back) % 7 === 0 ? 57_351 : 0;
    const unexplained = (at * 3 + back) % 97 === 0 ? 1 : 0;
    const decided = claimed - returned + unexplained;
    const calendar = 2026 * 12 + 5 - back;
    return {
      ...month(0, `${Math.floor(calendar / 12)}-${String((calendar % 12) + 1).padStart(2, '0')}`, {}),
      office: String(9_970_000_000 + at),
      office_name: `第${at + 1}事業所`,
      claims: 50,
      claimed,
      returned,
      unexplained,
      decided,
      payable: decided,
      paid: decided,
      unpaid: returned,
    };
  });
}

function standing(of: FakeMonth): StandingView {
  if (of.missing.length > 0) return 'notices_missing';
  if (of.unexplained !== 0) return 'unexplained';
  if (of.unpaid > 0) return 'open';
  return of.is_decided ? 'done' : 'waiting';
}

const FIGURE_NAMES: Record<string, string> = {
  unpaid: '未収',
  claimed: '請求',
  returned: '返戻',
  held: '保留',
  assessed: '査定',
  released: '保留復活',
  decided: '決定',
  kago: '過誤',
  payable: '支払',
  paid: '振込',
  unexplained: '説明できない差額',
};

function figureOf(of: FakeMonth, figure: string): number {
  const value = of[figure as keyof FakeMonth];
  return typeof value === 'number' ? value : of.unpaid;
}

/** Lays out the board. */
export function boardOf(balances: FakeMonth[], figure: string, locks: LockView[]): BoardView {
  const months = [...new Set(balances.map((of) => of.month))].toSorted().toReversed();
  const place = new Map(months.map((of, at) => [of, at]));
  const rows = new Map<string, BoardView['rows'][number]>();
  const totals = months.map(() => 0);
  for (const of of balances) {
    const at = place.get(of.month) ?? 0;
    const row = rows.get(of.office) ?? {
      office: of.office,
      office_name: of.office_name,
      // One of the fake offices has chosen none, as happens.
      area_unset: of.office === OFFICES[2]?.number,
      cells: months.map(() => null),
      total: 0,
    };
    const yen = figureOf(of, figure);
    row.cells[at] = { yen, standing: standing(of) };
    row.total += yen;
    totals[at] = (totals[at] ?? 0) + yen;
    rows.set(of.office, row);
  }
  return {
    figure,
    figure_name: FIGURE_NAMES[figure] ?? '未収',
    months,
    rows: [...rows.values()].toSorted((a, b) => Number(a.office) - Number(b.office)),
    totals,
    total: totals.reduce((sum, yen) => sum + yen, 0),
    unpaid: balances.reduce((sum, of) => sum + of.unpaid, 0),
    unexplained: balances.reduce((sum, of) => sum + Math.abs(of.unexplained), 0),
    incomplete: balances.filter((of) => of.missing.length > 0).length,
    locks,
  };
}

/** Tells a month apart from its notices and closings. */
export function monthOf(of: FakeMonth, returns: ReturnView[]): Omit<OfficeMonthView, 'notices' | 'lock' | 'closings'> {
  const bars: BarView[] = [];
  let height = 0;
  const add = (step: string, name: string, yen: number, is_level = false) => {
    const from = is_level ? 0 : height;
    height = from + yen;
    bars.push({ step, name, yen, from, to: height, is_level });
  };
  add('claimed', '請求', of.claimed, true);
  add('returned', '返戻', 0 - of.returned);
  add('held', '保留', 0 - of.held);
  add('assessed', '査定', of.assessed);
  add('released', '保留復活', of.released);
  if (of.is_decided) {
    add('unexplained', '説明できない差額', of.unexplained);
    add('decided', '決定', of.decided, true);
    add('kago', '過誤', of.kago);
    add('payable', '支払', of.payable, true);
    if (of.paid > 0) {
      add('other_payments', '介護給付費以外の支払', 0);
      add('fees', '手数料', 0);
      add('transfer_gap', '振込の説明できない差額', of.paid - of.payable);
      add('paid', '振込', of.paid, true);
    }
  } else add('expected', '決定の見込み', height, true);
  return {
    office: of.office,
    office_name: of.office_name,
    month: of.month,
    standing: standing(of),
    claims: of.claims,
    bars,
    unexplained: of.unexplained,
    unpaid: of.unpaid,
    missing: of.missing.map((exchange_id) => ({ id: '', exchange_id, title: TITLES[exchange_id] ?? exchange_id })),
    persons: returns
      .filter((row) => row.office === of.office && row.story.some((event) => event.month === of.month))
      .map((row) => ({
        key: `${row.key}/${row.kind}/${row.first_month}`,
        insured: row.insured,
        insured_kana: row.insured_kana,
        service_month: row.service_month,
        events: row.story.filter((event) => event.month === of.month).map((event) => event.text),
        state_word: row.state_word,
        yen: row.yen,
        estimated: row.estimated,
      }))
      .toSorted((a, b) => b.yen - a.yen),
  };
}

const tally = (rows: ReturnView[]): TallyView => ({
  count: rows.length,
  yen: rows.reduce((sum, row) => sum + row.yen, 0),
});

/** Tells age and trends of returns, and a score of three figures. */
export function analysisOf(returns: ReturnView[], thisMonth: string): AnalysisView {
  const age = (name: string, rows: ReturnView[]) => ({
    name,
    open: tally(rows.filter((row) => row.state === 'open')),
    reclaimed: tally(rows.filter((row) => row.state === 'reclaimed')),
    held: tally(rows.filter((row) => row.state === 'held')),
    all: tally(rows.filter((row) => ['open', 'reclaimed', 'held'].includes(row.state))),
  });
  const trend = (key: (row: ReturnView) => string, name: (row: ReturnView) => string) => {
    const groups = new Map<string, ReturnView[]>();
    for (const row of returns.filter(({ kind }) => kind === 'returned'))
      groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
    return [...groups].map(([of, rows]) => ({
      key: of,
      name: rows[0] ? name(rows[0]) : '',
      counts: [rows.length],
      total: tally(rows),
      repeated: rows.filter((row) => row.times_returned > 1).length,
    }));
  };
  return {
    ages: [age('提供月から3か月まで', returns), age('4〜6か月', [])],
    at_risk: [30, 60, 90].map((days) => ({ days, claims: tally([]) })),
    lapsed: tally(returns.filter((row) => row.state === 'lapsed')),
    trend_months: [thisMonth],
    by_code: trend(
      (row) => row.codes[0] ?? '',
      (row) => row.reason,
    ),
    by_insurer: trend(
      (row) => row.insurer,
      () => '',
    ),
    by_office: trend(
      (row) => row.office,
      (row) => row.office_name,
    ),
    recovery: {
      from: '2025-05',
      to: '2026-04',
      figures: [
        {
          name: '初回通過率',
          value: '95.6%（161件中 154件）',
          definition: '支払いの通知がそろった月に送った請求のうち、その月の審査で返戻にも保留にもならなかったもの。',
        },
      ],
    },
  };
}

/** Puts deposits on the last day of the month after the review. */
export function depositsOf(balances: FakeMonth[], today: string): DepositView[] {
  return balances
    .map((of) => {
      const [year, number] = of.month.split('-').map(Number) as [number, number];
      const day = new Date(Date.UTC(year, number + 1, 0)).toISOString().slice(0, 10);
      const certainty = of.paid > 0 ? 'announced' : of.is_decided ? 'decided' : 'expected';
      return {
        day,
        office: of.office,
        office_name: of.office_name,
        month: of.month,
        certainty,
        certainty_word: { announced: '確定', decided: '決定', expected: '見込み' }[certainty],
        yen: of.paid > 0 ? of.paid : of.is_decided ? of.payable : of.claimed - of.returned - of.held,
        overdue: certainty !== 'announced' && day < today,
      };
    })
    .toSorted((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
}

/** Makes a statement on which the newest deposit came ten yen short. */
export function statementOf(announced: DepositView[], path: string): BankView {
  const rows = announced.toReversed().map((deposit, index) => {
    const difference = index === 0 ? -10 : 0;
    return {
      verdict: index === 0 ? 'differs' : 'matches',
      verdict_word: index === 0 ? '金額が違います' : '一致',
      offices: deposit.office_name || deposit.office,
      month: deposit.month,
      expected_day: deposit.day,
      expected: deposit.yen,
      certainty_word: deposit.certainty_word,
      day: deposit.day,
      came: deposit.yen + difference,
      text: '振込 カクウケンコクホレン',
      difference,
    };
  });
  return {
    file: path.replace(/^.*[/\\]/, ''),
    path,
    from: announced[0]?.day ?? null,
    to: announced.at(-1)?.day ?? null,
    lines: rows.length + 3,
    others: 3,
    unreadable: 0,
    came: rows.reduce((sum, row) => sum + row.came, 0),
    expected: rows.reduce((sum, row) => sum + row.expected, 0),
    rows,
  };
}

/** Rolls the receivables; by the fake's books everything paid arrives in the month of its review. */
export function rollOf(balances: FakeMonth[], style: string): RollView {
  const keeps = style === 'keep';
  let carried = 0;
  let cameBack = 0;
  const months = [...new Set(balances.map((of) => of.month))].toSorted().map((name) => {
    const of = balances.filter((balance) => balance.month === name);
    const sum = (figure: (balance: FakeMonth) => number) => of.reduce((total, balance) => total + figure(balance), 0);
    const row = {
      month: name,
      opening: carried,
      claimed: sum((balance) => balance.claimed),
      returned: keeps ? 0 : -sum((balance) => balance.returned),
      claimed_again: 0,
      assessed: sum((balance) => balance.assessed),
      kago: sum((balance) => balance.kago),
      unexplained: sum((balance) => balance.unexplained),
      received: -sum((balance) => balance.paid),
      written_off: 0,
      corrected: 0,
    };
    cameBack += keeps ? sum((balance) => balance.returned) : 0;
    const { opening, claimed, returned, assessed, kago, unexplained, received } = row;
    carried = opening + claimed + returned + assessed + kago + unexplained + received;
    return { ...row, closing: carried, closing_returned: cameBack };
  });
  const style_name = keeps ? '返戻を未収のまま残す' : '返戻で売上を取り消す';
  return { style, style_name, months: months.toReversed() };
}
