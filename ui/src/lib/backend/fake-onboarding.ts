import type {
  ApplicationView,
  ChangeRequest,
  Draft,
  Office,
  OnboardingStepView,
  OnboardingView,
  Pasted,
  Remark,
  StepId,
  StepState,
} from './bindings';

const PROXY: [StepId, string][] = [
  ['route', '請求のしかたを選ぶ'],
  ['call', '国保連に電話する'],
  ['filing', '国保連に届け出る'],
  ['user_ids', 'ユーザーIDを写す'],
  ['corporation', '法人と事業所を入れる'],
  ['month', 'はじめて請求する月を選ぶ'],
  ['apply', '確かめて申し込む'],
  ['power_of_attorney', '委任状に印を押す'],
  ['post', '委任状を郵送する'],
  ['credentials', 'ログインする'],
  ['regions', '地域区分を決める'],
  ['test', 'テスト送信をする'],
  ['done', '準備ができました'],
];
const OWN: [StepId, string][] = [
  ['route', '請求のしかたを選ぶ'],
  ['own_computer', 'パソコンを確かめる'],
  ['own_filing', '国保連に届け出る'],
  ['own_sign_in', '受付システムに入る'],
  ['own_certificate', '電子証明書を入れる'],
  ['own_installer', '送信のしくみを入れる'],
];

/** The plan of a first claim in August 2026, as the rules of the real program lay it. */
const PLAN: [date: string, step: StepId, who: 'you' | 'kokuhoren' | 'operator', rule: boolean, title: string][] = [
  ['2026-06-23', 'user_ids', 'kokuhoren', false, '「電子請求登録結果に関するお知らせ」が届く'],
  ['2026-06-26', 'apply', 'you', true, '利用を申し込む'],
  ['2026-06-30', 'power_of_attorney', 'you', false, '委任状を印刷して印を押す'],
  ['2026-07-01', 'post', 'you', false, '委任状を郵送する'],
  ['2026-07-31', 'credentials', 'operator', false, 'ログインのIDと仮のパスワードが届く'],
  ['2026-08-01', 'test', 'you', false, 'テスト送信をする'],
  ['2026-08-10', 'done', 'you', true, 'はじめての請求を送る（令和8年7月のサービス分）'],
];

const LETTERS = 'ABCDEFGHJKLMNPRSTUVWXYZ';

/** Whether the last digit of an office number fits the others (modulus 10, weights 2 and 1 from the right). */
export function hasCheckDigit(number: string): boolean {
  let sum = 0;
  for (const [index, character] of [...number.slice(0, -1)].reverse().entries()) {
    const value = /\d/.test(character) ? Number(character) : 10 + LETTERS.indexOf(character);
    const product = index % 2 === 0 ? value * 2 : value;
    sum += Math.floor(product / 10) + (product % 10);
  }
  return String((10 - (sum % 10)) % 10) === number.slice(-1);
}

function clean(text: string): string {
  return text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase();
}

/** Letters where only digits may stand, as the digits that are meant. */
function repaired(id: string): string {
  return id.slice(0, 2) + id.slice(2).replaceAll('O', '0').replaceAll(/[IL]/g, '1');
}

/** What the program knows beside the form. */
export interface FakeFacts {
  signedIn: boolean;
  offices: { number: string; name: string }[];
  test: { id: string; state_word: string; failed: boolean } | null;
  tested: boolean;
}

/** The wizard of the fake backend: the remarks and the order of the real one for the fields that the tests type into. */
export class FakeOnboarding {
  draft: Draft = {
    route: null,
    present: null,
    released: '',
    prefectures: [],
    calls: {},
    filed: {},
    corporation: {
      name: '',
      postal_code: '',
      address: '',
      title: '',
      representative: '',
      contact: '',
      phone: '',
      email: '',
      email_again: '',
    },
    offices: [],
    first_claim: '',
    option: false,
    agreed_terms: false,
    agreed_privacy: false,
    terms_version: '',
    privacy_version: '',
    agreed_caution: false,
    ticked: {},
  };
  change: ChangeRequest = {
    change: null,
    offices: [],
    numbers: [],
    corporation: structuredClone(this.draft.corporation),
  };
  applications: ApplicationView[] = [];
  operator = false;

  get started(): boolean {
    return this.draft.route !== null;
  }

  apply(): void {
    this.applications = [
      {
        id: 'a1'.repeat(16),
        number: 'M00000012',
        kind: 'new',
        title: `新規のお申込み（${this.draft.offices.length}事業所）`,
        state: 'open',
        received: '2026-06-05T10:15:00+09:00',
        credentials_expected: '2026-07-31',
        offices: this.draft.offices.map((office) => ({
          number: office.number,
          name: office.name,
          poa: 'waiting',
          reason: null,
          photo: null,
        })),
        reason: null,
      },
    ];
  }

  /** Moves every 委任状 on, as the operator's desk does. */
  setPoa(poa: 'waiting' | 'received' | 'defective' | 'accepted', reason: string | null = null): void {
    for (const application of this.applications)
      for (const office of application.offices) Object.assign(office, { poa, reason });
  }

  paste(text: string, offices = this.draft.offices): Pasted {
    const pasted: Pasted = { added: 0, filled: 0, unread: [] };
    for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
      const cells = line.split('\t').map((cell) => cell.trim());
      const number = cells.find((cell) => /^\d{10}$/.test(clean(cell)));
      const ids = cells.filter((cell) => clean(cell).startsWith('KJ'));
      const name = cells.find((cell) => /[^\x20-\x7e]/.test(cell.normalize('NFKC'))) ?? '';
      if (!number) {
        if (!line.includes('番号')) pasted.unread.push(line.slice(0, 40));
        continue;
      }
      const office: Office = {
        number: clean(number),
        name,
        postal_code: '',
        address: '',
        user_id: ids[0] ?? '',
        user_id_again: ids[1] ?? '',
      };
      if (offices.some((one) => one.number === office.number)) pasted.filled += 1;
      else {
        offices.push(office);
        pasted.added += 1;
      }
    }
    return pasted;
  }

  #asked = 0;

  view(today: string, facts: FakeFacts): OnboardingView {
    const remarks = this.#remarks();
    const { steps, open } = this.#steps(today, remarks, facts);
    const standing = this.applications.some((one) => one.state === 'open');
    const count = this.draft.offices.length;
    const fees = { monthly: 1100, registration: 3300, option_monthly: 550, option_registration: 1100 };
    const option = this.draft.option ? 1 : 0;
    return {
      revision: this.#asked++,
      started: this.started,
      done: steps.every((step) => step.state === 'done'),
      draft: structuredClone(this.draft),
      steps,
      open,
      remarks,
      prefectures: [
        ['13', '東京都', '03-6238-0207', '', false],
        ['16', '富山県', '076-431-9816', '介護保険課', true],
        ['27', '大阪府', '06-6949-5244', '', false],
        ['99', '架空県（練習用）', '', '', false],
      ].map(([code, name, phone, section, call_first]) => ({
        code: String(code),
        name: String(name),
        kokuhoren: `${String(name).replace('（練習用）', '')}国民健康保険団体連合会`,
        phone: String(phone),
        section: String(section),
        call_first: Boolean(call_first),
        days: code === '27' ? '代理人の登録は、前の月の10日まで。' : '',
      })),
      prefectures_source:
        '2021年4月の案内によります。電話番号や、先に電話が必要かどうかは、変わっていることがあります。',
      months: [
        ['2026-07', '2026-06', '2026-05-26', '令和8年7月から請求するには、令和8年5月26日までの申し込みが必要でした。'],
        ['2026-08', '2026-07', '2026-06-26', null],
        ['2026-09', '2026-08', '2026-07-24', null],
      ].map(([month, service_month, apply_by, problem]) => ({
        month: String(month),
        service_month: String(service_month),
        apply_by: apply_by ?? null,
        problem: problem ?? null,
      })),
      plan: {
        first_claim: this.draft.first_claim || '2026-08',
        start: '2026-08-01',
        apply_by: '2026-06-26',
        first_debit: '2026-09-28',
        items: PLAN.map(([date, step, who, rule, title]) => ({
          date,
          step,
          who,
          rule,
          title,
          note: '',
          certain: true,
        })),
        gap: [],
        provisional: false,
      },
      plan_problem: null,
      cautions: this.draft.prefectures.includes('27')
        ? ['大阪府と兵庫県の事業所が代理請求にすると、国保連の「情報公開サービス」が使えなくなります。']
        : [],
      fees: {
        ...fees,
        first_debit: count * (4400 + option * 1650),
        monthly_debit: count * (1100 + option * 550),
        told: this.operator,
      },
      operator: this.operator
        ? {
            service: 'とどけ代理請求サービス（見本）',
            name: 'とどけ架空運営株式会社',
            postal_code: '999-0000',
            address: '架空県架空市中央1-1',
            addressee: 'とどけ架空運営株式会社 委任状受付係',
            sample: true,
            terms: {
              version: '2026-04',
              text: '第1条（サービスの内容）\n請求データを送ります。\n\n第2条（代理人）\n委任します。',
            },
            privacy: { version: '2026-04', text: '使うもの\n申し込みの内容です。' },
          }
        : null,
      applications: structuredClone(this.applications),
      letters_ready: standing && this.applications.every((one) => one.offices.every((each) => each.poa === 'accepted')),
      without_region: [],
      offices: facts.offices,
      test: facts.test,
      changes: [
        {
          change: 'add_offices',
          title: '事業所を増やす',
          due: '2026-06-26',
          certain: true,
          effect: '令和8年8月1日から使えます。',
          how: '新しい事業所のユーザーIDと委任状が必要です。',
        },
        {
          change: 'stop',
          title: '利用をやめる',
          due: '2026-06-26',
          certain: true,
          effect: '令和8年7月31日まで使えます。',
          how: '次の請求のしかたを国保連に届けてから申し込みます。',
        },
        {
          change: 'lost_password',
          title: 'パスワードが分からなくなった',
          due: null,
          certain: true,
          effect: 'ログインの画面で自分で決め直せば、費用はかかりません。',
          how: 'まちがいが続くと30分ログインできなくなります。',
        },
      ],
      change: structuredClone(this.change),
      change_remarks: this.#changeRemarks(facts),
      desks: [
        {
          about: '契約・お手続き',
          name: 'とどけ代理請求サービス（見本）',
          phone: '0120-000-000',
          fax: '',
          email: '',
          hours: '平日 10時〜12時、13時〜17時',
        },
      ],
      desks_source: '受付時間は、それぞれの窓口のホームページで確かめてください。',
    };
  }

  /** The rules of the offices, for what is asked for later. */
  #changeRemarks(facts: FakeFacts): Remark[] {
    const { change, offices, numbers } = this.change;
    if (change === null) return [];
    const list: Remark[] = [];
    const say = (field: string, text: string, blocks = true) => list.push({ step: 'done', field, text, blocks });
    if ((change === 'stop' || change === 'add_option') && numbers.length === 0)
      say('numbers', '対象の事業所を選んでください。');
    if (change === 'add_offices' && offices.length === 0) say('offices', '事業所を1つ以上入れてください。');
    this.#officeRemarks(offices, say);
    for (const [index, office] of offices.entries())
      if (facts.offices.some((one) => one.number === clean(office.number)))
        say(`offices.${index}.number`, 'この事業所は、もう申し込んであります。一覧から消してください。');
    return list;
  }

  #officeRemarks(offices: Office[], say: (field: string, text: string, blocks?: boolean) => void): void {
    for (const [index, office] of offices.entries()) {
      const at = (key: string) => `offices.${index}.${key}`;
      const number = clean(office.number);
      if (number.length !== 10) say(at('number'), `事業所番号は10けたです。いま${number.length}けた入っています。`);
      else if (!hasCheckDigit(number))
        say(at('number'), '事業所番号のどこかが違います（最後の検査数字が合いません）。');
      else if (offices.findIndex((one) => clean(one.number) === number) < index)
        say(at('number'), '1番目の事業所と同じ番号です。どちらかを消してください。');
      const id = clean(office.user_id);
      const meant = repaired(id);
      if (id === '') say(at('user_id'), 'ユーザーIDを入れてください。');
      else if (/^J.{11}$/.test(id)) say(at('user_id'), 'Jで始まる12けたは、前のISDN回線用のIDです。');
      else if (meant !== `KJ${number.slice(0, 2)}${number}`)
        say(at('user_id'), 'ユーザーIDのどこかが違います。お知らせの紙と1字ずつ見比べてください。');
      else {
        if (meant !== office.user_id) say(at('user_id'), `${meant} と読みました。`, false);
        if (repaired(clean(office.user_id_again)) !== meant) say(at('user_id_again'), '1回目と違います。');
      }
    }
  }

  #remarks(): Remark[] {
    const { draft } = this;
    const list: Remark[] = [];
    const say = (step: StepId, field: string, text: string, blocks = true) => list.push({ step, field, text, blocks });
    if (draft.route === null) say('route', 'route', '請求のしかたを選んでください。');
    if (draft.route === 'own') return list;
    if (draft.present === null) say('route', 'present', 'いまの請求のしかたを選んでください。');
    if (draft.prefectures.length === 0) {
      say('call', 'prefectures', '事業所のある都道府県を選んでください。');
      say('filing', 'filed', '先に、事業所のある都道府県を選んでください。');
    }
    for (const code of draft.prefectures) {
      if (code === '16' && !draft.calls[code]?.on) say('call', `calls.${code}.on`, '電話した日を入れてください。');
      const filed = draft.filed[code] ?? '';
      if (filed === '') say('filing', `filed.${code}`, '届け出た日を入れてください。');
      else if (/2月30日/.test(filed))
        say('filing', `filed.${code}`, 'その日は暦にありません。月と日を確かめてください。');
    }
    if (draft.offices.length === 0) say('user_ids', 'offices', '事業所を1つ以上入れてください。');
    this.#officeRemarks(draft.offices, (field, text, blocks) => say('user_ids', field, text, blocks));
    for (const [key, name] of [
      ['name', '法人名'],
      ['address', '法人の住所'],
      ['title', '代表者の役職'],
      ['representative', '代表者の名前'],
      ['contact', '担当者の名前'],
      ['phone', '電話番号'],
      ['email', 'メールアドレス'],
    ] as const)
      if (draft.corporation[key] === '') say('corporation', `corporation.${key}`, `${name}を入れてください。`);
    if (draft.corporation.representative.includes('😀'))
      say('corporation', 'corporation.representative', '「😀」は印刷できない文字です。');
    const postal = clean(draft.corporation.postal_code);
    const odd = /[^\d]/.exec(postal)?.[0];
    if (odd) say('corporation', 'corporation.postal_code', `郵便番号に「${odd}」が入っています。`);
    else if (postal.length !== 7) say('corporation', 'corporation.postal_code', '郵便番号は7けたの数字です。');
    if (draft.corporation.email.includes('＠'))
      say('corporation', 'corporation.email', '全角の「＠」を半角に直しました。', false);
    if (draft.corporation.email.normalize('NFKC') !== draft.corporation.email_again.normalize('NFKC'))
      say('corporation', 'corporation.email_again', '1回目と違います。もう一度入れてください。');
    for (const [index, office] of draft.offices.entries())
      if (office.name === '') say('corporation', `offices.${index}.name`, '事業所名を入れてください。');
    if (draft.first_claim === '') say('month', 'first_claim', 'はじめて請求する月を選んでください。');
    if (!draft.agreed_terms) say('apply', 'agreed_terms', '利用規約を読み、同意の印を付けてください。');
    if (!draft.agreed_privacy) say('apply', 'agreed_privacy', '個人情報の取り扱いを読み、同意の印を付けてください。');
    return list;
  }

  #steps(today: string, remarks: Remark[], facts: FakeFacts): { steps: OnboardingStepView[]; open: StepId } {
    const { draft } = this;
    const applied = this.applications.some((one) => one.state === 'open');
    const papers = this.applications.flatMap((one) => one.offices.map((office) => office.poa));
    const accepted = applied && papers.every((poa) => poa === 'accepted');
    const defective = papers.includes('defective');
    const signed = facts.signedIn;
    const done = (id: StepId): boolean => {
      switch (id) {
        case 'apply':
          return applied || signed;
        case 'power_of_attorney':
          return accepted || signed || (draft.ticked.sealed !== undefined && !defective);
        case 'post':
          return accepted || signed;
        case 'credentials':
        case 'regions':
          return signed;
        case 'test':
        case 'done':
          return facts.tested;
        case 'own_computer':
        case 'own_filing':
        case 'own_sign_in':
        case 'own_certificate':
        case 'own_installer':
          return draft.ticked[id] !== undefined;
        default:
          return applied || signed || !remarks.some((remark) => remark.step === id && remark.blocks);
      }
    };
    const waits = (id: StepId): string => {
      if (id === 'user_ids' && Object.values(draft.filed).some(Boolean) && draft.offices.length === 0)
        return '国保連から「電子請求登録結果に関するお知らせ」が届くのを待っています。';
      if (id === 'post' && draft.ticked.posted !== undefined) return '委任状が運営者に届くのを待っています。';
      return '';
    };
    let current: StepId | null = null;
    const before = ['route', 'call', 'filing', 'user_ids', 'corporation', 'month'];
    let blocked = false;
    const steps = (draft.route === 'own' ? OWN : PROXY).map(([id, title]): OnboardingStepView => {
      let state: StepState = 'ahead';
      if (done(id)) state = 'done';
      else if (current === null && waits(id) !== '') {
        if (!blocked) state = 'waiting';
        blocked = true;
      } else if (current === null && (!blocked || before.includes(id))) {
        state = 'current';
        current = id;
      }
      const date = PLAN.find(([, step]) => step === id)?.[0] ?? null;
      return {
        id,
        title,
        state,
        who: id === 'user_ids' && waits(id) !== '' ? 'kokuhoren' : waits(id) !== '' ? 'operator' : 'you',
        date,
        days_left: date ? Math.round((Date.parse(date) - Date.parse(today)) / 86_400_000) : null,
        certain: true,
        waits: waits(id),
      };
    });
    const waiting = steps.find((step) => step.state === 'waiting')?.id;
    return { steps, open: current ?? waiting ?? steps.at(-1)?.id ?? 'route' };
  }
}
