// Mirrors crates/app/src/views.rs and the commands of src-tauri in the shape that tauri-specta generates.

import { invoke as __TAURI_INVOKE } from '@tauri-apps/api/core';
import * as __TAURI_EVENT from '@tauri-apps/api/event';

/** Commands */
export const commands = {
  frame: () => typedError<FrameView, ProblemView>(__TAURI_INVOKE('frame')),
  setRelay: (url: string) => typedError<FrameView, ProblemView>(__TAURI_INVOKE('set_relay', { url })),
  logIn: (corporationNumber: string, loginId: string, password: string) => typedError<FrameView, ProblemView>(__TAURI_INVOKE('log_in', { corporationNumber, loginId, password })),
  changePassword: (newPassword: string) => typedError<FrameView, ProblemView>(__TAURI_INVOKE('change_password', { newPassword })),
  logOut: () => typedError<FrameView, ProblemView>(__TAURI_INVOKE('log_out')),
  chooseFiles: () => typedError<CheckView[], ProblemView>(__TAURI_INVOKE('choose_files')),
  checkFiles: (paths: string[]) => typedError<CheckView[], ProblemView>(__TAURI_INVOKE('check_files', { paths })),
  stage: (path: string, sha256: string) => typedError<SubmissionView, ProblemView>(__TAURI_INVOKE('stage', { path, sha256 })),
  submissions: () => typedError<SubmissionView[], ProblemView>(__TAURI_INVOKE('submissions')),
  retry: (id: string) => typedError<SubmissionView, ProblemView>(__TAURI_INVOKE('retry', { id })),
  receipt: (id: string) => typedError<SavedView, ProblemView>(__TAURI_INVOKE('receipt', { id })),
  syncNow: () => typedError<ImportView, ProblemView>(__TAURI_INVOKE('sync_now')),
  importFiles: (paths: string[]) => typedError<ImportView, ProblemView>(__TAURI_INVOKE('import_files', { paths })),
  chooseImport: () => typedError<ImportView, ProblemView>(__TAURI_INVOKE('choose_import')),
  notices: () => typedError<NoticeView[], ProblemView>(__TAURI_INVOKE('notices')),
  notice: (id: string) => typedError<NoticeContentView, ProblemView>(__TAURI_INVOKE('notice', { id })),
  returns: () => typedError<ReturnView[], ProblemView>(__TAURI_INVOKE('returns')),
  balance: () => typedError<BalanceView[], ProblemView>(__TAURI_INVOKE('balance')),
  advanceDemo: (to: string) => typedError<FrameView, ProblemView>(__TAURI_INVOKE('advance_demo', { to })),
  takeDropped: () => typedError<CheckView[], ProblemView>(__TAURI_INVOKE('take_dropped')),
};

/** Events */
export const events = {
  changed: makeEvent<Changed>('changed'),
};

/* Types */
/** Who is signed in. */
export type AccountView = {
  /** 法人番号 of the contract. */
  corporation_number: string;
  /** 法人名. */
  corporation_name: string;
  /** ID. */
  login_id: string;
  /** `corporation` or `office`. */
  role: string;
  /** The temporary password must be changed before anything else. */
  must_change_password: boolean;
  /** Offices that the ID may act for. */
  offices: OfficeView[];
};

/** A row of the balance（DESIGN §8 `balance`). */
export type BalanceView = {
  /** 事業所番号. */
  office: string;
  /** 処理対象年月. */
  processing_month: string;
  /** Σ attempts. */
  claimed: number;
  /** Of these, returned. */
  returned: number;
  /** Of these, held. */
  held: number;
  /** Reductions (≤ 0). */
  assessed: number;
  /** Released from earlier holds. */
  released: number;
  /** What the files do not explain. */
  unexplained: number;
  /** Decided. */
  decided: number;
  /** 過誤 (≤ 0). */
  kago: number;
  /** Payable. */
  payable: number;
  /** Transferred. */
  paid: number;
  /** Unpaid today. */
  unpaid: number;
  /** Notices that should be here and are not. */
  missing_notices: string[];
};

/** Says that something a screen shows has changed and should be fetched again. */
export type Changed = {
  /** `frame`, `submissions`, `notices`, `returns` or `dropped`. */
  topic: string;
};

/** A file that was looked at. */
export type CheckView = {
  /** Name of the file, without folders. */
  file: string;
  /** Full path, to send it later. */
  path: string;
  /** `claim`, `benefit_management`, `notice`, `unknown`, or `refused` when the file cannot be read at all. */
  kind: string;
  /** 事業所番号. */
  office: string;
  /** 事業所名, when the office is known here. */
  office_name: string | null;
  /** 処理対象年月. */
  processing_month: string | null;
  /** サービス提供年月, ascending. */
  service_months: string[];
  /** Number of statements（明細書）. */
  claims: number;
  /** Number of persons. */
  persons: number;
  /** Persons with at least one error. */
  persons_with_errors: number;
  /** 保険請求額 + 公費請求額. */
  yen: number;
  /** The file carries `*TEST*`: never billed. */
  test: boolean;
  /** SHA-256 of the content. */
  sha256: string;
  /** Size in bytes. */
  size: number;
  /** The same content was sent or staged before: its submission. */
  same_as: string | null;
  /** May be sent: a claim file without errors. */
  sendable: boolean;
  /** Why the file was refused, when it cannot be read at all. Nothing of it is stored. */
  problem: ProblemView | null;
  /** What the check found, errors first. */
  findings: FindingView[];
};

/** State of the line to the relay. */
export type ConnectionState =
  | 'unknown'
  | 'online'
  | 'offline'
  | 'faulty'
  | 'signed_out';

/** Whether the relay can be reached. */
export type ConnectionView = {
  /** State. */
  state: ConnectionState;
  /** Last time the relay answered. */
  last_answer: string | null;
  /** Last contact of the relay with 国保連. */
  last_contact: string | null;
  /** Why not, when the relay cannot be used. */
  problem: ProblemView | null;
};

/** The demonstration at the relay. */
export type DemoView = {
  /** Its time. */
  now: string;
  /** Moments that its clock can be moved to, soonest first. */
  milestones: MilestoneView[];
};

/** A named value. */
export type FactView = {
  /** Name in Japanese. */
  name: string;
  /** Value, formatted for reading. */
  value: string;
};

/** One finding. */
export type FindingView = {
  /** Id of the rule. */
  rule: string;
  /** `error`, `warning` or `info`. */
  severity: string;
  /** Line in the file, 0 for the whole file. */
  line: number;
  /** Record kind, for example `7131-10`. */
  record: string;
  /** Item number, 0 for none. */
  item: number;
  /** Item name. */
  item_name: string;
  /** 被保険者番号. */
  insured: string | null;
  /** Value found. */
  found: string;
  /** Value expected. */
  expected: string;
  /** What is wrong. */
  message: string;
  /** What to do. */
  hint: string;
};

/** Everything that the frame around the screens shows. */
export type FrameView = {
  /** Version of the program. */
  version: string;
  /** Address of the relay; `null` until one was given. */
  relay_url: string | null;
  /** Who is signed in on this computer; `null` before the first sign-in and after signing out. */
  account: AccountView | null;
  /** Whether the relay can be reached. */
  connection: ConnectionView;
  /** The demonstration at the relay; `null` on a real one. */
  demo: DemoView | null;
  /** Today. */
  today: string;
  /** The claim window that is open or comes next. */
  window: WindowView;
  /** Notices not yet opened. */
  unread_notices: number;
  /** Items of the tracker that someone must act on. */
  open_returns: number;
};

/** What a sync or an import did. */
export type ImportView = {
  /** Files looked at. */
  files: number;
  /** Files new to this computer. */
  new: number;
  /** Files that were here before. */
  repeated: number;
  /** Files refused, with the reason. Nothing of them is stored. */
  refused: RefusedView[];
};

/** A moment of the demonstration. */
export type MilestoneView = {
  /** When. */
  at: string;
  /** What happens then. */
  label: string;
};

/** A notice with its content, in the order of the file. */
export type NoticeContentView = {
  /** The notice. */
  notice: NoticeView;
  /** Facts of the head: name and value. */
  head: FactView[];
  /** Tables: one per kind of row. */
  tables: TableView[];
};

/** A notice file. */
export type NoticeView = {
  /** SHA-256 of the content: the id. */
  id: string;
  /** File name. */
  file: string;
  /** 交換情報識別番号; empty when unknown. */
  exchange_id: string;
  /** Title in Japanese, for example `返戻（保留）一覧表`. */
  title: string;
  /** 事業所番号. */
  office: string;
  /** 事業所名. */
  office_name: string;
  /** 審査年月; `null` when the file does not say. */
  processing_month: string | null;
  /** When it came, through the relay or from disk. */
  received_at: string;
  /** Not opened yet. */
  unread: boolean;
  /** `relay` or `disk`. */
  origin: string;
};

/** An office. */
export type OfficeView = {
  /** 事業所番号. */
  number: string;
  /** 事業所名. */
  name: string;
};

/**
 * A failure, as a screen or a terminal shows it. The text is looked up by `code` in `ui/src/lib/messages.ts` and in
 * [`crate::problem::Code::text`], which are kept equal by a test.
 */
export type ProblemView = {
  /** Stable code, for example `E-1103`. */
  code: string;
  /** What happened, what to do: plain Japanese. */
  message: string;
  /** Trying again later can help; the program does so by itself where it says so. */
  retryable: boolean;
};

/** A file that was not taken. */
export type RefusedView = {
  /** File name. */
  file: string;
  /** Why. */
  problem: ProblemView;
};

/** A row of the tracker（DESIGN §8 `returns`; the last fields are for reading). */
export type ReturnView = {
  /** 事業所番号. */
  office: string;
  /** 保険者番号, six digits. */
  insurer: string;
  /** 被保険者番号. */
  insured: string;
  /** サービス提供年月. */
  service_month: string;
  /** 交換情報識別番号. */
  exchange_id: string;
  /** `returned`, `held`, `kago`, `assessed` or `unmatched`. */
  kind: string;
  /** 備考 of the latest event. */
  codes: string[];
  /** Yen. */
  yen: number;
  /** `yen` is estimated. */
  estimated: boolean;
  /** Months in which the claim was returned. */
  times_returned: number;
  /** `open`, `reclaimed`, `settled`, `held`, `closed` or `lapsed`. */
  state: string;
  /** `fix_now`, `wait`, `ask_care_manager`, `ask_insurer`, `kago`, `ask_vendor`, `give_up` or `read_and_choose`. */
  route: string;
  /** 処理対象年月 of the notice that opened the case. */
  first_month: string;
  /** 処理対象年月 of the next window in which it may be claimed. */
  next_window: string | null;
  /** Last day before it is time-barred. */
  limitation_date: string | null;
  /** 事業所名. */
  office_name: string;
  /** Name of the person in kana, as a notice gave it; `null` when none did. */
  insured_kana: string | null;
  /** `kind` in words: 返戻, 保留, 査定, 過誤, 不明. */
  kind_word: string;
  /** `state` in words. */
  state_word: string;
  /** Reason in plain words. */
  reason: string;
  /** What to do, in plain words. */
  action: string;
  /** What was decided and sent, oldest first. */
  story: StoryView[];
};

/** A paper that was written to disk. */
export type SavedView = {
  /** Full path. */
  path: string;
  /** File name. */
  file: string;
};

/** A step of the way. */
export type StepView = {
  /** 送信, 到達 or 受付. */
  name: string;
  /** `done`, `current`, `waiting` or `failed`. */
  state: string;
  /** When it was done or failed. */
  at: string | null;
};

/** A step in the life of a claim. */
export type StoryView = {
  /** 処理対象年月. */
  month: string;
  /** What happened, for example `請求 57,351円`. */
  text: string;
};

/** Where a submission stands, seen from this computer. */
export type SubmissionState =
  | 'ready'
  | 'sending'
  | 'refused'
  | 'at_relay'
  | 'transmitting'
  | 'arrived'
  | 'receiving'
  | 'accepted'
  | 'processing'
  | 'completed'
  | 'format_error'
  | 'external_error'
  | 'cancel_requested'
  | 'cancelling'
  | 'cancelled';

/** A file on its way: in the outbox, at the relay, at 国保連. */
export type SubmissionView = {
  /** SHA-256 of the content: the id. */
  id: string;
  /** File name. */
  file: string;
  /** 事業所番号. */
  office: string;
  /** 事業所名. */
  office_name: string;
  /** 処理対象年月. */
  processing_month: string;
  /** サービス提供年月. */
  service_months: string[];
  /** Number of statements. */
  claims: number;
  /** 保険請求額 + 公費請求額. */
  yen: number;
  /** Where it stands. */
  state: SubmissionState;
  /** `state` in words, for example `受付完了`. */
  state_word: string;
  /** State number of the field, 0 to 9; `null` while it is only on this computer. */
  state_number: number | null;
  /** 基本状態コード. */
  basic_code: string | null;
  /** 受付番号 of the relay. */
  accept_code: string | null;
  /** SHA-256 of the content (equals `id`). */
  sha256: string;
  /** Size in bytes. */
  size: number;
  /** 送信 → 到達 → 受付, in this order. */
  steps: StepView[];
  /** Why it waits, and until when; or what failed and what to do. */
  problem: ProblemView | null;
  /** Next attempt by itself. */
  next_attempt: string | null;
  /** What 国保連 said of an error. */
  message: string | null;
  /** When it was put into the outbox. */
  created_at: string;
  /** This was already sent or staged: nothing new was made. */
  repeated: boolean;
  /** Carries `*TEST*`. */
  test: boolean;
};

/** A table of a notice. */
export type TableView = {
  /** Caption. */
  title: string;
  /** Column names. */
  columns: string[];
  /** Columns that hold figures. */
  numeric: boolean[];
  /** Rows. */
  rows: string[][];
};

/** The claim window that is open or comes next. */
export type WindowView = {
  /** 処理対象年月. */
  processing_month: string;
  /** First day. */
  opens: string;
  /** Last day. */
  closes: string;
  /** Whether today lies in it. */
  open: boolean;
  /** Days until it closes (when open) or opens; 0 on the day itself. */
  days_left: number;
  /** Last moment from which the receipts still arrive inside the window. */
  safe_until: string;
};

/* Tauri Specta runtime */
async function typedError<T, E>(result: Promise<T>): Promise<{ status: 'ok'; data: T } | { status: 'error'; error: E }> {
  try {
    return { status: 'ok', data: await result };
  } catch (e) {
    if (e instanceof Error) throw e;
    return { status: 'error', error: e as E };
  }
}

function makeEvent<T>(name: string) {
  return {
    listen: (cb: __TAURI_EVENT.EventCallback<T>) => __TAURI_EVENT.listen<T>(name, cb),
  };
}
