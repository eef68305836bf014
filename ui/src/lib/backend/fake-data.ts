import type {
  CheckView,
  FindingView,
  ImportPreviewView,
  LoginView,
  NoticeContentView,
  OfficeView,
  ProblemView,
  ReturnView,
  SecondFactorView,
  SubmissionView,
  TableView,
} from './bindings';
import { manyOf } from './fake-files';

/** The contract, offices and persons of the fake. All invented; prefecture 99 does not exist. */
export const RELAY_URL = 'https://relay.todoke.example';
export const CORPORATION_NUMBER = '9990010000015';
export const CORPORATION_NAME = '社会福祉法人みほん会';
export const LOGIN_ID = 'H9900001';
export const TEMPORARY_PASSWORD = 'Kari-2026-0605';

export const OFFICES: OfficeView[] = [
  { number: '9970000015', name: 'さくらデイサービス' },
  { number: '9970000023', name: 'もみじ訪問介護' },
  { number: '9970000031', name: 'ひいらぎ居宅介護支援' },
];

/** The moments that the fake demonstration offers. */
export const MILESTONES = [
  { at: '2026-06-05T11:00:00+09:00', label: '国保連が受け付けます' },
  { at: '2026-06-30T17:00:00+09:00', label: '6月審査の結果が届きます' },
  { at: '2026-07-17T17:00:00+09:00', label: '6月審査の支払決定が届きます' },
];

function problem(code: string, message: string, retryable = false): ProblemView {
  return { code, message, retryable };
}

/** A picture of one dot. */
export const DOT =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

export const PROBLEMS = {
  spreadsheet: problem(
    'E-1004',
    'Excelで保存し直したファイルのようです。番号の先頭の0が消えていて送れません。Excelで開かずに、介護ソフトが作った元のファイルを選んでください。',
  ),
  notInterchange: problem(
    'E-1002',
    '国保連へ送る請求ファイルではないようです。介護ソフトが作ったCSVファイルを選んでください。',
  ),
  changed: problem(
    'E-1011',
    '確認したあとでファイルが変わりました。もう一度ファイルを置いて、内容を確認してから送ってください。',
  ),
  hasErrors: problem(
    'E-1012',
    '直すところがあるため送れません。介護ソフトで直し、作り直したファイルを置いてください。',
  ),
  notSendable: problem('E-1013', '請求ファイルではないため送れません。国保連の通知は「通知」の画面から取り込めます。'),
  wrongCredentials: (left: number) =>
    problem(
      'E-1101',
      `法人番号、ID、パスワードのどれかが違います。0（ゼロ）とO（オー）、1（いち）とl（エル）、大文字と小文字を確かめてください。あと${left}回まちがえると、しばらくログインできません。`,
    ),
  lockedOut: problem(
    'E-1102',
    'まちがいが続いたため、しばらくログインできません。30分待ってから、もう一度お試しください。',
  ),
  secondFactorRequired: problem(
    'E-1108',
    '2段階認証のコードがいります。スマートフォンの認証アプリに出ている6桁の数字か、控えておいた予備コードを入れてください。',
  ),
  wrongCode: problem(
    'E-1109',
    'コードが違うか、もう使えません。認証アプリの数字は30秒で変わります。いま出ている数字を入れてください。使い捨てコードは1回だけ、60分以内に使えます。',
  ),
  cannotHide: problem(
    'E-1415',
    'まだ終わっていない送信は、一覧から消せません。完了、様式エラー、外部エラー、取消完了になると消せます。',
  ),
  externalError: problem(
    'E-1409',
    '国保連に届きませんでした。何も受け付けられていません。事業所番号と処理対象年月を確かめ、直すところがあれば直したファイルを、なければ「もう一度送る」で同じファイルを、10日までに送ってください。',
  ),
  cannotSendAgain: (state: string) =>
    problem(
      'E-1417',
      `いまの状態（${state}）では、同じファイルをもう一度送れません。もう一度送れるのは、外部エラーか取消完了で終わったものだけです。`,
    ),
  weakPassword: problem(
    'E-1104',
    'このパスワードは使えません。12文字以上128文字までで、いまのパスワードやIDと違うものにしてください。',
  ),
  notSignedIn: problem(
    'E-1107',
    'まだログインしていません。最初に、中継サーバーから届いた法人番号、ID、パスワードでログインしてください。',
  ),
  unreachable: problem(
    'E-1301',
    '中継サーバーにつながりません。ファイルはこのパソコンに残っています。接続が戻ると自動で送ります。',
    true,
  ),
  unknownFile: problem(
    'E-1014',
    'このファイルは、いま確認したファイルの中にありません。もう一度ファイルを置いて、確認してください。',
  ),
  unknownArea: problem(
    'E-1821',
    '地域区分は、1級地から7級地まで、または「その他」から選び、始まる月は 2026-04 のように書いてください。',
  ),
  missingGlyph: problem('E-1601', '印刷できない文字があります。その文字を含む名前を、別の書き方にしてください。'),
  alreadyClaimed: problem(
    'E-1401',
    '同じ事業所・同じ月の請求が、別の内容ですでに送られています。差し替えるときは、先に送った請求の取消が終わってから送ってください。',
  ),
  nothingToRescue: problem(
    'E-1416',
    'CD-Rで出すものがありません。送信待ちの請求があり、受付期間（1日から10日）のあいだだけ用意できます。',
  ),
  unknownSubmission: problem(
    'E-1407',
    'この番号の送信や通知は、このパソコンにありません。一覧で番号を確かめてください。',
  ),
  noReceipt: problem(
    'E-1410',
    'まだ中継サーバーに届いていないため、受領書はありません。届いてから印刷してください。',
    true,
  ),
  unknownReturn: problem(
    'E-1703',
    'この請求は、返戻・保留・過誤の一覧にありません。一覧を見直して、もう一度選んでください。',
  ),
  reasonMissing: problem(
    'E-1704',
    '終わりにする理由を書いてください。あとで見た人が、なぜ請求しないのかを分かるようにするためです。',
  ),
  secondLook: problem(
    'E-1712',
    '金額をあきらめる前に、もう一度確かめてください。ほかの人に見てもらうか、「もう一度確かめました」に印をつけてください。',
  ),
  unknownDecision: problem(
    'E-1714',
    'この操作は見つからないか、もう元に戻してあります。画面を開き直して、いまの状態を確かめてください。',
  ),
  nameMissing: problem('E-1715', '名前を入れてください。名前をつけた絞りこみは30個まで保存できます。'),
  cannotCancel: problem(
    'E-1413',
    'いまは取り消せません。取消ができるのは、国保連が受け付けている間（10日まで）です。',
    false,
  ),
  noWithdrawalForm: (road: string) => problem('E-1716', `この請求には、いま出せる取り下げの用紙がありません。${road}`),
  unknownClaim: problem(
    'E-1718',
    'この請求は、このパソコンの請求ファイルにも通知にもありません。請求の鍵をもう一度確かめてください。',
  ),
  wrongKagoDay: problem(
    'E-1719',
    '保険者番号かしめ切りの日が読めません。保険者番号は6けた、日は1から31（月末は31）で入れてください。同月過誤を受けない保険者には、同月過誤の日を入れられません。',
  ),
  unknownNotice: problem('E-1702', 'この通知は、このパソコンにありません。'),
  unknownMonth: problem(
    'E-1705',
    'この事業所のこの月には、請求も通知もないか、締められていません。本部の表を見直して、もう一度選んでください。',
  ),
  notReadyToClose: problem(
    'E-1706',
    'この月はまだ締められません。支払いの通知がそろっていないか、もう締めてあります。「通知」で足りない通知を確かめてください。',
  ),
} as const;

const blank = {
  problem: null,
  findings: [] as FindingView[],
  same_as: null,
  test: false,
  replaces: null,
  answers: [],
  area: null,
};

const CLEAN: CheckView = {
  ...blank,
  file: 'KK260601.CSV',
  path: '/fake/KK260601.CSV',
  kind: 'claim',
  office: '9970000015',
  office_name: 'さくらデイサービス',
  processing_month: '2026-06',
  service_months: ['2026-05'],
  claims: 3,
  persons: 3,
  persons_with_errors: 0,
  yen: 214_488,
  sha256: '62b99f15130c60661ad936fdaa2817285e4379b1c34abc2beffcab52479fafb5',
  size: 1957,
  sendable: true,
};

function finding(
  rule: string,
  line: number,
  record: string,
  item: number,
  itemName: string,
  insured: string | null,
  found: string,
  expected: string,
  message: string,
  hint: string,
  severity = 'error',
): FindingView {
  return { rule, severity, line, record, item, item_name: itemName, insured, found, expected, message, hint };
}

const VENDOR_HINT = '介護ソフトで作り直してください。同じ結果になるときは、介護ソフトの会社に知らせてください。';

const WITH_ERRORS: CheckView = {
  ...CLEAN,
  file: 'KKBAD001.CSV',
  path: '/fake/KKBAD001.CSV',
  processing_month: '2026-05',
  persons_with_errors: 3,
  yen: 214_488,
  sha256: 'ea05877bb8a11e69e281dec6fb918d01525bbb44bf76953b69019a856f44d62a',
  size: 2042,
  sendable: false,
  findings: [
    finding(
      'C1',
      4,
      '7131-01',
      13,
      '生年月日',
      '0000000101',
      '空欄',
      '',
      '生年月日が入っていません。',
      '介護ソフトの利用者情報で生年月日を入れて、請求ファイルを作り直してください。',
    ),
    finding(
      'CD1',
      4,
      '7131-01',
      5,
      '証記載保険者番号',
      '0000000101',
      '00990011',
      '00990010',
      '保険者番号の最後の1けたが合いません。番号の打ちまちがいです。',
      '介護保険証を見て、保険者番号を直してください。',
    ),
    finding(
      'A2',
      14,
      '7131-10',
      10,
      '限度額管理対象単位数',
      '0000000202',
      '9,196単位',
      '17,296単位',
      '明細の単位数の合計と、集計の単位数が合いません。',
      '同じサービスが二重に入っていないか、実績を確かめてください。',
    ),
    finding(
      'A3',
      14,
      '7131-10',
      14,
      '給付単位数',
      '0000000202',
      '9,196単位',
      '8,736単位',
      '限度額を超えた分まで保険の請求に入っています。',
      '利用票で計画単位数（8,000単位）を確かめ、超えた分を利用者の自費にしてください。',
    ),
    finding(
      'A5',
      14,
      '7131-10',
      16,
      '保険請求額',
      '0000000202',
      '63,903円',
      '67,268円',
      '単位数から計算した保険請求額と合いません。',
      '給付単位数を直すと、この額もいっしょに直ります。',
    ),
    finding(
      'A1',
      11,
      '7131-02',
      8,
      'サービス項目コード',
      '0000000202',
      '15 2243 が2行',
      '1行',
      '同じサービスコードが二重に入っています。',
      '実績の二重入力を消してください。',
      'warning',
    ),
    finding(
      'C6',
      15,
      '7131-01',
      30,
      '公費給付率',
      '0000000303',
      '90',
      '100',
      '公費の給付率が保険の給付率と同じになっています。',
      '生活保護（法別12）の給付率を100に直してください。',
    ),
    finding(
      'V2',
      16,
      '7131-02',
      18,
      '摘要',
      '0000000303',
      "it's",
      '',
      "使えない文字（'）と小文字が入っています。",
      '摘要を大文字の英数字だけにするか、空にしてください。',
    ),
    finding('F2', 6, '', 0, 'レコード番号', null, '7', '6', 'ファイルの行の番号がつながっていません。', VENDOR_HINT),
    finding(
      'F3',
      1,
      'control',
      4,
      'レコード件数',
      null,
      '19件',
      '18件',
      '行の数が、先頭に書かれた件数と合いません。',
      VENDOR_HINT,
    ),
    finding(
      'F7',
      1,
      'control',
      11,
      '処理対象年月',
      null,
      '令和8年5月',
      '令和8年6月',
      '処理対象年月がサービスを提供した月と同じになっています。',
      '介護ソフトで処理対象年月を6月にして、請求ファイルを作り直してください。',
    ),
    finding(
      'B1',
      2,
      '7111',
      9,
      'サービス費用 費用合計',
      null,
      '248,250円',
      '248,249円',
      '請求書の費用合計が、明細書の合計と合いません。',
      '明細書を直したあとで、請求書を作り直してください。',
    ),
  ],
};

/** The clean file with another person in it: for the same months as the clean one. */
const OTHER: CheckView = {
  ...CLEAN,
  file: 'KK260602.CSV',
  path: '/fake/KK260602.CSV',
  sha256: 'b'.repeat(64),
};

/** What the fake finds in a file, by its name. */
export function checkOf(path: string): CheckView {
  const file = path.split(/[/\\]/).pop() ?? path;
  if (file === CLEAN.file) return { ...CLEAN, path };
  if (file === WITH_ERRORS.file) return { ...WITH_ERRORS, path };
  if (file === OTHER.file) return { ...OTHER, path };
  if (file === 'MANY.CSV') return manyOf(CLEAN, WITH_ERRORS.findings.slice(0, 2));
  if (/^\d{8}\.CSV$/i.test(file)) {
    return {
      ...refused(path, file),
      kind: 'notice',
      problem: null,
      office: '9970000015',
      office_name: 'さくらデイサービス',
    };
  }
  return {
    ...refused(path, file),
    problem: /excel/i.test(file) ? PROBLEMS.spreadsheet : PROBLEMS.notInterchange,
  };
}

function refused(path: string, file: string): CheckView {
  return {
    ...blank,
    file,
    path,
    kind: 'refused',
    office: '',
    office_name: null,
    processing_month: null,
    service_months: [],
    claims: 0,
    persons: 0,
    persons_with_errors: 0,
    yen: 0,
    sha256: '',
    size: 0,
    sendable: false,
  };
}

function sent(
  id: string,
  file: string,
  office: OfficeView,
  processingMonth: string,
  serviceMonth: string,
  claims: number,
  yen: number,
  day: string,
): SubmissionView {
  return {
    id,
    file,
    office: office.number,
    office_name: office.name,
    processing_month: processingMonth,
    service_months: [serviceMonth],
    claims,
    yen,
    state: 'completed',
    state_word: '完了',
    state_number: 6,
    basic_code: '5C06',
    accept_code: `R${processingMonth.replace('-', '')}-${id.slice(0, 4).toUpperCase()}`,
    sha256: id,
    size: 30_000 + claims * 650,
    steps: [
      { name: '送信', state: 'done', at: `${day}T14:02:00+09:00` },
      { name: '到達', state: 'done', at: `${day}T14:09:00+09:00` },
      { name: '受付', state: 'done', at: `${day}T14:31:00+09:00` },
    ],
    problem: null,
    next_attempt: null,
    message: null,
    cancel_code: null,
    can_cancel: false,
    line_position: null,
    hidden: false,
    can_hide: false,
    can_send_again: false,
    round: 1,
    earlier: [],
    created_at: `${day}T14:01:00+09:00`,
    repeated: false,
    test: false,
  };
}

const [SAKURA, MOMIJI, HIIRAGI] = OFFICES as [OfficeView, OfficeView, OfficeView];

/** What had been sent before the fake begins, newest first. */
export const SENT_BEFORE: SubmissionView[] = [
  {
    ...sent('b7'.repeat(32), 'KK260602.CSV', MOMIJI, '2026-06', '2026-05', 41, 3_482_190, '2026-06-04'),
    state: 'accepted',
    state_word: '受付完了',
    state_number: 4,
    basic_code: '5C05',
  },
  sent('a1'.repeat(32), 'KK260501.CSV', SAKURA, '2026-05', '2026-04', 48, 2_941_507, '2026-05-07'),
  sent('a2'.repeat(32), 'KK260502.CSV', MOMIJI, '2026-05', '2026-04', 61, 3_391_044, '2026-05-08'),
  sent('a3'.repeat(32), 'KK260503.CSV', HIIRAGI, '2026-05', '2026-04', 52, 718_640, '2026-05-08'),
  sent('a4'.repeat(32), 'KK260401.CSV', SAKURA, '2026-04', '2026-03', 37, 2_887_216, '2026-04-07'),
];

/** Whom the clean claim file is about: 被保険者番号 and yen. */
export const CLAIMS_OF_JUNE: { id: string; claims: [insured: string, yen: number][] } = {
  id: '62b99f15130c60661ad936fdaa2817285e4379b1c34abc2beffcab52479fafb5',
  claims: [
    ['0000000101', 57_351],
    ['0000000202', 63_903],
    ['0000000303', 93_234],
  ],
};

interface ReturnSeed extends Partial<ReturnView> {
  office: string;
  insured: string;
  insured_kana: string;
  service_month: string;
  kind: string;
  yen: number;
  reason: string;
  action: string;
}

function returned(seed: ReturnSeed): ReturnView {
  const kindWords: Record<string, string> = {
    returned: '返戻',
    held: '保留',
    assessed: '査定',
    kago: '過誤',
    unmatched: '不明',
  };
  const stateWords: Record<string, string> = {
    open: '要対応',
    held: '保留中',
    reclaimed: '再請求ずみ',
    settled: '解決',
    closed: '終了',
    lapsed: '時効',
  };
  const state = seed.state ?? (seed.kind === 'held' ? 'held' : 'open');
  const { insurer = '990010', exchange_id = '7131' } = seed;
  return {
    key: [seed.office, insurer, seed.insured, seed.service_month, exchange_id].join('/'),
    insurer,
    exchange_id,
    codes: [],
    estimated: false,
    times_returned: seed.kind === 'returned' ? 1 : 0,
    route: 'fix_now',
    first_month: '2026-05',
    next_window: state === 'open' ? '2026-06' : null,
    limitation_date: '2028-06-30',
    story: [],
    ...seed,
    state,
    office_name: OFFICES.find((office) => office.number === seed.office)?.name ?? '',
    kind_word: kindWords[seed.kind] ?? seed.kind,
    state_word: stateWords[state] ?? state,
  };
}

/** The tracker before the fake month end. */
export const RETURNS_BEFORE: ReturnView[] = [
  returned({
    office: SAKURA.number,
    insured: '0000000412',
    insured_kana: 'ミホン ハナコ',
    service_month: '2026-04',
    kind: 'returned',
    codes: ['10QF'],
    yen: 84_120,
    reason: '要介護度がサービスの種類と合っていません。',
    action: '介護保険証で要介護度を確かめ、直して6月10日までに請求します。',
    story: [
      { month: '2026-05', text: '請求 84,120円' },
      { month: '2026-05', text: '返戻（10QF）' },
    ],
  }),
  returned({
    office: MOMIJI.number,
    insured: '0000000537',
    insured_kana: 'レイ サブロウ',
    service_month: '2026-04',
    kind: 'returned',
    codes: ['ANN4'],
    yen: 52_860,
    times_returned: 2,
    first_month: '2026-04',
    reason: '同じ月の請求がすでに受け付けられています。',
    action: '前の請求を確かめます。金額が違うときは、保険者へ過誤の申し立てが必要です。',
    route: 'kago',
    story: [
      { month: '2026-04', text: '請求 52,860円' },
      { month: '2026-04', text: '返戻（ANN4）' },
      { month: '2026-05', text: '再請求 52,860円' },
      { month: '2026-05', text: '返戻（ANN4）2回目' },
    ],
  }),
  returned({
    office: HIIRAGI.number,
    insured: '0000000618',
    insured_kana: 'ナナシ ゴンベエ',
    service_month: '2026-03',
    kind: 'returned',
    codes: ['12PA'],
    yen: 14_330,
    exchange_id: '8124',
    route: 'wait',
    reason: '要介護認定の結果が国保連にまだ届いていません。',
    action: '直さずに待ち、認定が出たら請求します。',
    story: [
      { month: '2026-05', text: '請求 14,330円' },
      { month: '2026-05', text: '返戻（12PA）' },
    ],
  }),
  returned({
    office: MOMIJI.number,
    insured: '0000000745',
    insured_kana: 'カリ ノ タロウ',
    service_month: '2024-06',
    kind: 'returned',
    codes: ['ADD0'],
    yen: 118_400,
    first_month: '2024-09',
    limitation_date: '2026-08-31',
    reason: '国保連の台帳に、事業所の届け出が見つかりません。',
    action: '事業所番号を確かめます。合っているときは県の指定担当へ電話し、登録されたら請求します。',
    route: 'fix_now',
    story: [
      { month: '2024-09', text: '請求 118,400円' },
      { month: '2024-09', text: '返戻（ADD0）' },
    ],
  }),
  returned({
    office: SAKURA.number,
    insured: '0000000826',
    insured_kana: 'タメシ ヨウコ',
    service_month: '2026-04',
    kind: 'assessed',
    codes: [],
    yen: 10_762,
    state: 'settled',
    route: 'read_and_choose',
    reason: '計画より多い単位数が減らされました（6,515単位 → 5,427単位）。',
    action: '計画と実績の違いをケアマネジャーに確かめます。',
    story: [
      { month: '2026-05', text: '請求 64,439円' },
      { month: '2026-05', text: '査定 −10,762円' },
    ],
  }),
  returned({
    office: MOMIJI.number,
    insured: '0000000901',
    insured_kana: 'ホジョ キヌエ',
    service_month: '2026-03',
    kind: 'returned',
    codes: ['12P0'],
    yen: 47_215,
    state: 'reclaimed',
    first_month: '2026-04',
    reason: '受給者の資格が確かめられませんでした。',
    action: '5月に再請求しました。6月末の通知を待ちます。',
    story: [
      { month: '2026-04', text: '請求 47,215円' },
      { month: '2026-04', text: '返戻（12P0）' },
      { month: '2026-05', text: '再請求 47,215円' },
    ],
  }),
];

/** What the fake folder of old files brings to light: a return of last autumn that nobody claimed again. */
export const RETURNS_FORGOTTEN: ReturnView[] = [
  returned({
    office: SAKURA.number,
    insured: '0000000933',
    insured_kana: 'ワスレ モノ',
    service_month: '2025-09',
    kind: 'returned',
    codes: ['12QX'],
    yen: 61_480,
    first_month: '2025-10',
    reason: '受給者の情報と、請求の内容が合っていません。',
    action: '介護保険証と請求の内容を見比べ、直して請求します。',
    story: [
      { month: '2025-10', text: '請求 61,480円' },
      { month: '2025-10', text: '返戻（12QX）' },
    ],
  }),
];

/** What the fake folder of old files holds. */
export const PREVIEW: ImportPreviewView = {
  paths: [],
  files: 131,
  new: 118,
  repeated: 6,
  twice: 5,
  offices: [
    {
      office: SAKURA.number,
      office_name: SAKURA.name,
      claim_files: 24,
      notices: 94,
      claims: 1_152,
      yen: 62_480_112,
      from: '2024-06',
      to: '2026-05',
    },
  ],
  refused: [
    { file: '写真.jpg', problem: PROBLEMS.notInterchange },
    {
      file: 'KK250301.CSV',
      problem: problem(
        'E-1106',
        'このIDでは、事業所9970009991の請求を扱えません。ファイルの事業所番号と、ログインしているIDを確かめてください。',
      ),
    },
  ],
  refused_count: 2,
  odd: [],
};

/** Makes so many returned claims, as HQ of many offices has them. */
export function manyReturns(count: number): ReturnView[] {
  return Array.from({ length: count }, (_, index) => {
    const base = RETURNS_BEFORE[index % RETURNS_BEFORE.length] as ReturnView;
    const insured = String(index + 1).padStart(10, '0');
    const key = [base.office, base.insurer, insured, base.service_month, base.exchange_id].join('/');
    return { ...base, key, insured, yen: base.yen + (index % 997) };
  });
}

/** What the fake month end adds: one person returned, one held. */
export const RETURNS_OF_JUNE: ReturnView[] = [
  returned({
    office: SAKURA.number,
    insured: '0000000101',
    insured_kana: 'テスト イチロウ',
    service_month: '2026-05',
    kind: 'returned',
    codes: ['12PA'],
    yen: 57_351,
    first_month: '2026-06',
    next_window: '2026-07',
    limitation_date: '2028-07-31',
    route: 'wait',
    reason: '要介護認定の結果が国保連にまだ届いていません。',
    action: '直さずに待ち、認定が出たら請求します。',
    story: [
      { month: '2026-06', text: '請求 57,351円' },
      { month: '2026-06', text: '返戻（12PA）' },
    ],
  }),
  returned({
    office: SAKURA.number,
    insured: '0000000202',
    insured_kana: 'テスト ジロウ',
    service_month: '2026-05',
    kind: 'held',
    codes: ['保留'],
    yen: 63_903,
    first_month: '2026-06',
    limitation_date: '2028-07-31',
    route: 'ask_care_manager',
    reason: 'ケアマネジャーの給付管理票がまだ届いていません。',
    action: '担当のケアマネジャーに給付管理票の提出をお願いします。',
    story: [
      { month: '2026-06', text: '請求 63,903円' },
      { month: '2026-06', text: '保留' },
    ],
  }),
];

function notice(
  id: string,
  file: string,
  exchangeId: string,
  title: string,
  month: string,
  receivedAt: string,
  unread: boolean,
  content: { head: NoticeContentView['head']; tables: Omit<TableView, 'groups' | 'totals'>[] },
  office = SAKURA,
): NoticeContentView {
  return {
    notice: {
      id,
      file,
      exchange_id: exchangeId,
      title,
      office: office.number,
      office_name: office.name,
      processing_month: month,
      // 国保連 makes notices out on the day on which they come.
      issued: receivedAt.slice(0, 10),
      received_at: receivedAt,
      unread,
      origin: 'relay',
    },
    head: content.head,
    tables: content.tables.map((table) => ({ ...table, groups: [], totals: [] })),
    legend:
      exchangeId === '7411' ? [{ name: '備考 12PA', value: '要介護認定の結果が国保連にまだ届いていません。' }] : [],
    landscape: content.tables.some((table) => table.columns.length >= 8),
  };
}

function head(month: string, made: string): NoticeContentView['head'] {
  return [
    { name: '事業所', value: '9970000015 さくらデイサービス' },
    { name: '審査年月', value: month },
    { name: '作成日', value: made },
    { name: '作成', value: '架空県国民健康保険団体連合会' },
  ];
}

const JUNE_HEAD = head('令和8年6月', '令和8年6月30日（火）');

/** The notices before the fake month end, newest first. */
export const NOTICES_BEFORE: NoticeContentView[] = [
  notice('c1'.repeat(32), '74100000.CSV', '7411', '返戻（保留）一覧表', '2026-05', '2026-05-31T17:05:00+09:00', false, {
    head: head('令和8年5月', '令和8年5月31日（日）'),
    tables: [
      {
        title: '返戻・保留の明細',
        columns: ['保険者', '被保険者番号', '氏名', '提供月', '単位数', '内容', '備考'],
        numeric: [false, false, false, false, true, false, false],
        rows: [
          [
            '990010 架空市',
            '0000000412',
            'ミホン ハナコ',
            '令和8年4月',
            '8,944',
            '要介護状態区分：サービス種類と不一致',
            '10QF',
          ],
        ],
      },
    ],
  }),
];

/** The notices of the fake month end. */
export const NOTICES_OF_JUNE: NoticeContentView[] = [
  notice('d1'.repeat(32), '74100000.CSV', '7411', '返戻（保留）一覧表', '2026-06', '2026-06-30T17:00:00+09:00', true, {
    head: JUNE_HEAD,
    tables: [
      {
        title: '返戻・保留の明細',
        columns: ['保険者', '被保険者番号', '氏名', '提供月', '単位数', '内容', '備考'],
        numeric: [false, false, false, false, true, false, false],
        rows: [
          [
            '990010 架空市',
            '0000000101',
            'テスト イチロウ',
            '令和8年5月',
            '6,098',
            '証記載保険者番号：市町村の認定変更が未決定',
            '12PA',
          ],
          [
            '990010 架空市',
            '0000000101',
            'テスト イチロウ',
            '令和8年5月',
            '6,098',
            '被保険者番号：市町村の認定変更が未決定',
            '12PA',
          ],
          [
            '990010 架空市',
            '0000000202',
            'テスト ジロウ',
            '令和8年5月',
            '8,736',
            '支援事業所に請求明細書に対応した給付管理票の提出依頼が必要',
            '保留',
          ],
        ],
      },
    ],
  }),
  notice('d2'.repeat(32), '72100000.CSV', '7211', '審査決定増減表', '2026-06', '2026-06-30T17:00:00+09:00', true, {
    head: JUNE_HEAD,
    tables: [
      {
        title: '保険者ごとの増減',
        columns: ['保険者', '提供月', '返戻 件数', '返戻 単位数', '保留 件数', '保留 単位数'],
        numeric: [false, false, true, true, true, true],
        rows: [['990010', '令和8年5月', '1', '6,098', '1', '8,736']],
      },
      {
        title: '請求との差',
        columns: ['件数', '金額'],
        numeric: [true, true],
        rows: [['-2', '-121,254円']],
      },
    ],
  }),
];

/** The notices of the fake payment. */
export const NOTICES_OF_PAYMENT: NoticeContentView[] = [
  notice('e1'.repeat(32), '75200000.CSV', '7521', '支払決定額内訳書', '2026-06', '2026-07-17T17:00:00+09:00', true, {
    head: JUNE_HEAD,
    tables: [
      {
        title: '決定の内訳',
        columns: ['保険者', '提供月', 'サービス', '件数', '単位数', '支払決定額'],
        numeric: [false, false, false, true, true, true],
        rows: [['990028', '令和8年5月', '15 通所介護', '1', '8,922', '93,234円']],
      },
    ],
  }),
  notice('e2'.repeat(32), '75100000.CSV', '7513', '支払決定額通知書', '2026-06', '2026-07-17T17:00:00+09:00', true, {
    head: [...JUNE_HEAD, { name: '振込日', value: '令和8年7月24日（金）' }, { name: '振込金額', value: '93,234円' }],
    tables: [],
  }),
];

const TO_ALL = { office: '99********', office_name: '県内のすべての事業所', processing_month: null };
const WORD = notice(
  'f1'.repeat(32),
  'お知らせ_20260721.txt',
  '',
  '国保連からのお知らせ',
  '2026-07',
  '2026-07-21T09:00:00+09:00',
  true,
  {
    head: [
      {
        name: '内容',
        value:
          '８月請求分の受付について（お知らせ）\n\n架空県内の介護事業所　各位\n\n８月請求分の受付期間は、８月１日から８月１０日までです。\n受付時間の一覧を別紙（ＰＤＦ）でお送りします。',
      },
    ],
    tables: [],
  },
);
const ATTACHED = notice(
  'f2'.repeat(32),
  '別紙_20260721.pdf',
  '',
  '国保連からのお知らせ',
  '2026-07',
  '2026-07-21T09:00:00+09:00',
  true,
  {
    head: [
      {
        name: '内容',
        value: 'このファイルは、ここでは開けません。「もとのファイルを保存」を押し、保存したファイルを開いてください。',
      },
    ],
    tables: [],
  },
);

/** A word to every office of the prefecture, and what is attached to it. */
export const ANNOUNCEMENT: NoticeContentView[] = [WORD, ATTACHED].map((content) => ({
  ...content,
  notice: { ...content.notice, ...TO_ALL },
}));

/** The one code of the second factor that is right. */
export const SECOND_FACTOR_CODE = '123456';

export const SECOND_FACTOR: SecondFactorView = {
  secret: 'JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP',
  qr_size: 21,
  // The three eyes of a QR code, and nothing that a telephone could read.
  qr_path: [
    [0, 0],
    [14, 0],
    [0, 14],
  ]
    .map(([x, y]) => `M${x} ${y}h7v7h-7zm1 1v5h5v-5zm1 1h3v3h-3z`)
    .join(''),
};

export const RECOVERY_CODES = [
  'hq4m-7tzx-9bka',
  '2wrc-p8nd-ym6e',
  'vk3j-6gfs-q7hu',
  'tz9a-mxd2-8wpc',
  'e5nb-rj4y-kh3q',
  '7usg-c2fv-x6md',
  'pa8t-9zwk-n4re',
  'yj6h-b3qm-5vcx',
  'd2fk-us7g-tz8p',
  'm9we-4nac-rq2j',
];

export const RESET_CODE = 'abcd-efgh-jkmn';

export const LOGINS: LoginView[] = [
  { login_id: LOGIN_ID, office: null, must_change_password: false, second_factor: false },
  ...OFFICES.map((office, at) => ({
    login_id: `j${office.number.slice(-4)}`,
    office: { ...office },
    must_change_password: at === 1,
    second_factor: at === 0,
  })),
];
