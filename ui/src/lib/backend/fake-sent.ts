import type { KagoDays, ReturnView, SentClaimView, SubmissionView, WithdrawalView } from './bindings';
import type { FakeMonth } from './fake-board';
import { CLAIMS_OF_JUNE, OFFICES } from './fake-data';
import { idOf, monthPlus } from './fake-work';

/** Where a claim is, as far as taking it back goes. */
type Whereabouts = { at: 'back' | 'held' | 'decided' } | { at: 'review'; month: string };

/** How the core says where a claim is. */
const WORDS: Record<Whereabouts['at'], string> = {
  back: '手元に戻っている',
  held: '保留中',
  review: '結果待ち',
  decided: '支払いが決まった',
};

const FORMS: Record<string, string> = {
  '7131': '請求明細書',
  '8124': 'サービス計画費請求明細書',
};

/** The roads in the words of the core, as for a federation of which no days are known. */
const ROADS: Record<string, Pick<WithdrawalView, 'name' | 'text' | 'form'>> = {
  cancel: {
    name: '送信の取消',
    text: '受付期間のうちなら、送ったファイルを取り消して、直したものを送り直せます。取消が終わってから送ってください。',
    form: null,
  },
  ask_back: {
    name: '希望返戻（返戻依頼）',
    text: '審査の前なら、国保連に返してもらえることがあります。受けていない国保連もあるので、電話で確かめてください。',
    form: '返戻依頼書（希望返戻）',
  },
  withdraw_held: {
    name: '保留分取下げ',
    text: '保留中の請求がまちがっているときは、国保連へ「保留分取下げ書」を出します。過誤ではありません。しめ切りは国保連によって違います（20日までの所が多いです）。取り下げが済むまで、請求し直さないでください。',
    form: '保留分取下げ書',
  },
  wait: {
    name: '結果を待つ',
    text: '審査が進んでいるため、いまは取り下げられません。返戻なら直して請求し、支払いが決まったら過誤を申し立てます。',
    form: null,
  },
  fetch_notices: {
    name: '通知を受け取る',
    text: 'この請求の結果は出ているはずですが、支払いの通知か返戻（保留）一覧表がこのパソコンにそろっていないため、道を決められません。「通知」で受け取るか、ファイルを取り込んでください。',
    form: null,
  },
  kago: {
    name: '過誤の申立て',
    text: '支払いが決まった請求は、保険者へ過誤を申し立てて取り下げます。通常過誤は決定通知のあとに請求し直し、同月過誤は同じ月に請求し直します。同月過誤を受けるかどうかとしめ切り（3日から20日ごろ）は保険者によって違います。給付管理票を修正する月には申し立てないでください。',
    form: '介護給付費過誤申立書',
  },
  none: {
    name: '取り下げはいりません',
    text: '国保連に残っている請求はありません。時効でなければ、直して、次の受付期間に請求してください。',
    form: null,
  },
};

/** States of a submission in which its claims lie at the relay or at 国保連. */
const SENT = ['at_relay', 'transmitting', 'arrived', 'receiving', 'accepted', 'processing', 'completed'];

const UNKNOWN: KagoDays = { ordinary: null, takes_same_month: null, same_month: null };

/** The claims that the fake sent: those of its tracker, and of every submission those that nothing happened to. */
export class FakeSent {
  readonly #insurers = new Map<string, KagoDays>();

  /** Lists the claims of an office, by person and service month. */
  claims(
    office: string,
    returns: ReturnView[],
    submissions: SubmissionView[],
    books: FakeMonth[],
    today: string,
  ): SentClaimView[] {
    const rows = returns.filter((row) => row.office === office);
    const kana = new Map(rows.map((row) => [row.insured, row.insured_kana]));
    const make = (
      claim: Pick<ReturnView, 'key' | 'insurer' | 'insured' | 'service_month' | 'exchange_id' | 'yen' | 'estimated'>,
      attempts: string[],
      whereabouts: Whereabouts,
      item: string | null,
    ): SentClaimView => ({
      key: claim.key,
      office,
      office_name: OFFICES.find((known) => known.number === office)?.name ?? '',
      insurer: claim.insurer,
      insured: claim.insured,
      insured_kana: kana.get(claim.insured) ?? null,
      service_month: claim.service_month,
      form: FORMS[claim.exchange_id] ?? '',
      yen: claim.yen,
      estimated: claim.estimated,
      attempts,
      state_word: WORDS[whereabouts.at],
      item,
      withdrawal: this.#withdrawal(whereabouts, claim.insurer, today),
    });
    const tracked = rows.map((row) => {
      const yen = attemptsOf(row).at(-1)?.yen ?? row.yen;
      const item = row.kind === 'assessed' ? null : idOf(row);
      const months = attemptsOf(row).map((attempt) => attempt.month);
      return make({ ...row, yen }, months, whereaboutsOf(row), item);
    });
    const quiet = submissions
      .filter((sent) => sent.office === office && !sent.test && SENT.includes(sent.state))
      .flatMap((sent) => {
        const month = sent.processing_month;
        const decided =
          books.find((of) => of.office === office && of.month === month)?.is_decided ??
          monthPlus(month, 2) <= today.slice(0, 7);
        const whereabouts: Whereabouts = decided ? { at: 'decided' } : { at: 'review', month };
        return quietOf(sent, rows).map((claim) => make(claim, [month], whereabouts, null));
      });
    return [...tracked, ...quiet].toSorted(
      (a, b) => compare(a.insured, b.insured) || compare(b.service_month, a.service_month) || compare(a.key, b.key),
    );
  }

  /** The only road for a claim of the tracker. */
  withdrawalOf(row: ReturnView, today: string): WithdrawalView {
    return this.#withdrawal(whereaboutsOf(row), row.insurer, today);
  }

  /** Keeps until when an insurer takes 過誤申立. Returns whether that can be. */
  setDays(insurer: string, days: KagoDays): boolean {
    const isDay = (day: number | null) => day === null || (day >= 1 && day <= 31);
    const contradicts = days.takes_same_month === false && days.same_month !== null;
    if (!/^\d{6}$/.test(insurer) || !isDay(days.ordinary) || !isDay(days.same_month) || contradicts) return false;
    this.#insurers.set(insurer, structuredClone(days));
    return true;
  }

  #withdrawal(whereabouts: Whereabouts, insurer: string, today: string): WithdrawalView {
    const [road, until] = roadOf(whereabouts, today);
    const days = this.#insurers.get(insurer) ?? UNKNOWN;
    const kago = {
      insurer,
      days,
      ordinary_next: nextOfficeDay(days.ordinary, today),
      same_month_next: nextOfficeDay(days.same_month, today),
    };
    const { name, text, form } = ROADS[road] ?? { name: '', text: '', form: null };
    return { road, name, text, until, form, kago: road === 'kago' ? kago : null };
  }
}

/** The claims of a submission that the tracker does not know, which share what it leaves of the submission's yen. */
function quietOf(sent: SubmissionView, rows: ReturnView[]) {
  const office = sent.office;
  const service_month = sent.service_months[0] ?? monthPlus(sent.processing_month, -1);
  const exchange_id = office === OFFICES[2]?.number ? '8124' : '7131';
  const claim = (insured: string, yen: number) => ({
    key: [office, '990010', insured, service_month, exchange_id].join('/'),
    insurer: '990010',
    insured,
    service_month,
    exchange_id,
    yen,
    estimated: false,
  });
  if (sent.id === CLAIMS_OF_JUNE.id)
    return CLAIMS_OF_JUNE.claims
      .map(([insured, yen]) => claim(insured, yen))
      .filter(({ key }) => rows.every((row) => row.key !== key));
  const known = rows.flatMap(attemptsOf).filter(({ month }) => month === sent.processing_month);
  const count = sent.claims - known.length;
  const rest = sent.yen - known.reduce((sum, { yen }) => sum + yen, 0);
  const first = 100_000 * (1 + OFFICES.findIndex(({ number }) => number === office));
  const share = Math.floor(rest / count);
  return Array.from({ length: count }, (_, at) => {
    // Every second person takes from the one before, so that not all amounts are the same and the sum stays.
    const pair = at - (at % 2);
    const moved = pair + 1 < count ? ((pair * 7_919) % share) / 2 : 0;
    const yen = share + (at % 2 === 0 ? -1 : 1) * Math.floor(moved) + (at === count - 1 ? rest - share * count : 0);
    return claim(String(first + at).padStart(10, '0'), yen);
  });
}

/** When a claim of the tracker was sent, and with how much. */
function attemptsOf(row: ReturnView): { month: string; yen: number }[] {
  return row.story.flatMap(({ month, text }) => {
    const yen = /請求 ([\d,]+)円/.exec(text)?.[1];
    return yen === undefined ? [] : [{ month, yen: Number(yen.replaceAll(',', '')) }];
  });
}

function whereaboutsOf(row: ReturnView): Whereabouts {
  if (row.state === 'held') return { at: 'held' };
  if (row.state === 'settled') return { at: 'decided' };
  if (row.state === 'reclaimed') return { at: 'review', month: attemptsOf(row).at(-1)?.month ?? row.first_month };
  return { at: 'back' };
}

function roadOf(whereabouts: Whereabouts, today: string): [road: string, until: string | null] {
  if (whereabouts.at !== 'review')
    return [{ back: 'none', held: 'withdraw_held', decided: 'kago' }[whereabouts.at], null];
  const { month } = whereabouts;
  if (today <= `${month}-10`) return ['cancel', `${month}-10`];
  if (today <= `${month}-20`) return ['ask_back', null];
  return today < `${monthPlus(month, 1)}-20` ? ['wait', null] : ['fetch_notices', null];
}

/** The next such day of a month on which a public office is open. The fake knows no holidays. */
function nextOfficeDay(day: number | null, today: string): string | null {
  if (day === null) return null;
  for (let months = 0; ; months += 1) {
    const [year, month] = monthPlus(today.slice(0, 7), months).split('-').map(Number) as [number, number];
    const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
    const date = new Date(Date.UTC(year, month - 1, Math.min(day, last)));
    while (date.getUTCDay() % 6 === 0) date.setUTCDate(date.getUTCDate() - 1);
    const found = date.toISOString().slice(0, 10);
    if (found >= today) return found;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
