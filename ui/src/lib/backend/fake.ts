import type { Backend, Stop, Topic } from '.';
import type {
  AlarmView,
  AnalysisView,
  BankView,
  BoardView,
  ChangeRequest,
  CheckView,
  CheckingView,
  Choice,
  CopyView,
  DecidedView,
  DepositView,
  DifferenceView,
  Draft,
  Enquiry,
  ExportRequest,
  FrameView,
  HealthView,
  ImportPreviewView,
  ImportView,
  KagoDays,
  LettersView,
  LockView,
  LoginView,
  NoticeContentView,
  OfficeAreaView,
  OfficeMonthView,
  OnboardingView,
  PaperForm,
  PartView,
  PastedView,
  Preferences,
  PictureView,
  PracticeView,
  ProblemView,
  RecentFileView,
  RescueView,
  ResetCodeView,
  ReturnView,
  RollView,
  SavedView,
  SecondFactorView,
  SentClaimView,
  SentClaimsView,
  SentQuery,
  SheetView,
  StepView,
  SubmissionState,
  SubmissionView,
  UpdateView,
  WatchView,
  WindowView,
  WorkItemView,
  WorkPageView,
  WorkQuery,
} from './bindings';
import {
  analysisOf,
  boardOf,
  depositsOf,
  statementOf,
  manyMonths,
  monthOf,
  monthOfJune,
  MONTHS_BEFORE,
  rollOf,
  type FakeClosing,
  type FakeMonth,
} from './fake-board';
import * as data from './fake-data';
import * as files from './fake-files';
import { FakeEveryday } from './fake-everyday';
import { FakeSent } from './fake-sent';
import { FakeWork } from './fake-work';
import { FakeOnboarding } from './fake-onboarding';
import { Problem } from './problem';

/** How a submission moves after it reached the relay: minutes, state, words, and the step that it ends. */
const PROGRESS: [minutes: number, state: SubmissionState, word: string, number: number, code: string, step: number][] =
  [
    [0, 'at_relay', '中継サーバーに到着', 0, '', 0],
    [2, 'transmitting', '伝送中', 1, '', 0],
    [6, 'arrived', '到達', 2, '5C02', 1],
    [12, 'receiving', '受付中', 3, '5C03', 1],
    [25, 'accepted', '受付完了', 4, '5C05', 2],
  ];

const REVIEW = '2026-06-30T17:00:00+09:00';
const PAYMENT = '2026-07-17T17:00:00+09:00';
const ANNOUNCEMENT = '2026-07-21T09:00:00+09:00';
const WRONG_PASSWORDS_ALLOWED = 5;
/** Most claims that are listed at once. */
const MOST_CLAIMS = 500;

/** Writes milliseconds since 1970 as RFC 3339 in Japan time. */
function inJapan(time: number): string {
  return `${new Date(time + 9 * 3_600_000).toISOString().slice(0, 19)}+09:00`;
}

interface Account {
  mustChange: boolean;
}

/**
 * A whole backend in memory, for browsers and tests. Its clock stands still unless it is moved.
 *
 * It knows two claim files by name, one clean and one with errors; see `fake-data.ts`.
 */
export class FakeBackend implements Backend {
  /** What the file dialog returns next; empty when it is cancelled. */
  nextChoice: string[] = ['/fake/KK260601.CSV', '/fake/KKBAD001.CSV'];
  /** What the import dialog returns next. */
  nextImport: string[] = [];
  /** What the folder dialog returns next. */
  nextFolder: string | null = '/fake/過去のファイル';
  /** Folder that the save dialog returns next; `null` when it is cancelled. */
  nextPlace: string | null = '/fake/Documents';
  /** Methods called, for tests that must know what was not called. */
  readonly calls: string[] = [];

  /** What the practice is played with, for tests of one. */
  practiceView: PracticeView | null = null;

  #now = Date.parse('2026-06-05T10:15:00+09:00');
  #offline = false;
  #account: Account | null = null;
  #password = data.TEMPORARY_PASSWORD;
  #relay: string | null = data.RELAY_URL;
  #wrong = 0;
  #secondFactor: 'off' | 'prepared' | 'on' = 'off';
  #submissions: SubmissionView[] = structuredClone(data.SENT_BEFORE);
  /** How what is being sent again had ended. */
  #ended = new Map<string, SubmissionView>();
  #reachedRelay = new Map<string, number>();
  #notices: NoticeContentView[] = structuredClone(data.NOTICES_BEFORE);
  #returns: ReturnView[] = structuredClone(data.RETURNS_BEFORE);
  #areas: OfficeAreaView[] = files.areasBefore(data.OFFICES);
  #checking: CheckingView | null = null;
  #closings: FakeClosing[] = [];
  #many: FakeMonth[] | null = null;
  #dropped: CheckView[] = [];
  #unfinished: string[] = [];
  /** Everyday comfort and support, for tests to arrange. */
  readonly everyday = new FakeEveryday();
  readonly #work = new FakeWork();
  readonly #sent = new FakeSent();
  readonly #start = new FakeOnboarding();
  #failures = new Map<string, ProblemView>();
  #lastAnswer = this.#now;
  readonly #listeners = new Set<(topic: Topic) => void>();

  // What tests and the browser console can do

  /** Signs in without the screens, with a password of its own. */
  signIn(): void {
    this.#account = { mustChange: false };
    this.#password = 'Sakura-no-ki-2026';
  }

  /** Pulls or plugs the network. */
  setOffline(offline: boolean): void {
    this.#offline = offline;
    if (!offline) this.#flush();
    this.#tell('frame', 'submissions');
  }

  /** Moves every 委任状 on, as the operator's desk does. */
  setPoa(...change: Parameters<FakeOnboarding['setPoa']>): void {
    this.#start.setPoa(...change);
    this.#tell('onboarding');
  }

  /** Moves the clock; whatever lies between happens. */
  advanceMinutes(minutes: number): void {
    this.#moveTo(this.#now + minutes * 60_000);
  }

  /** Drops files on the window. */
  drop(paths: string[]): void {
    this.#dropped.push(...paths.map((path) => this.#check(path)));
    this.#tell('dropped');
  }

  /** Lets the care software write files into the watched folder. */
  export(paths: string[]): void {
    this.everyday.found.push(...paths);
    this.#tell('found');
  }

  /** Tells the screens that what the frame shows has changed. */
  tellFrame(): void {
    this.#tell('frame');
  }

  /** Lets the line to 国保連 break while a submission is transmitted: 外部エラー. */
  breakLine(id: string): void {
    this.#reachedRelay.delete(id);
    const at = inJapan(this.#now);
    Object.assign(this.#submission(id), {
      state: 'external_error',
      state_word: '外部エラー',
      state_number: 6,
      basic_code: '5C11',
      message: '[KT01] 伝送の途中で回線が切れました。',
      problem: data.PROBLEMS.externalError,
      steps: [
        { name: '送信', state: 'done', at },
        { name: '到達', state: 'failed', at },
        { name: '受付', state: 'waiting', at: null },
      ],
      line_position: null,
      can_cancel: false,
      can_hide: true,
      can_send_again: true,
    } satisfies Partial<SubmissionView>);
    this.#tell('submissions');
  }

  /** Shows a check under way, or its end. */
  showChecking(checking: CheckingView | null): void {
    this.#checking = checking;
    this.#tell('checking');
  }

  /** Lets the next call of a method fail. */
  failNext(method: string, problem: ProblemView): void {
    this.#failures.set(method, problem);
  }

  /** Empties everything that had been before, as on the first day. */
  startEmpty(): void {
    this.#submissions = [];
    this.#notices = [];
    this.#returns = [];
    this.#tell('submissions', 'notices', 'returns');
  }

  /** Lets an import of the last time have been cut off. */
  cutImport(paths: string[]): void {
    this.#unfinished = paths;
  }

  /** Raises alarms. */
  alarm(alarms: AlarmView[]): void {
    this.#work.alarms = alarms;
    this.#tell('returns');
  }

  /** Fills the worklist with so many returned claims. */
  startLarge(count: number): void {
    this.#returns = data.manyReturns(count);
    this.#tell('returns');
  }

  /** Lays out a board of many offices and months, for tests of its size. */
  fillBoard(offices: number, months: number): void {
    this.#many = manyMonths(offices, months);
    this.#tell('returns');
  }

  /** Moves the clock by a minute every second, so that a person who tries the screens sees progress. */
  run(): Stop {
    const timer = setInterval(() => this.advanceMinutes(1), 1000);
    return () => clearInterval(timer);
  }

  // What the screens can do

  async frame(): Promise<FrameView> {
    this.#begin('frame');
    return this.#frame();
  }

  async setRelay(url: string): Promise<FrameView> {
    this.#begin('setRelay');
    this.#relay = url;
    this.#tell('frame');
    return this.#frame();
  }

  async logIn(corporationNumber: string, loginId: string, password: string, code: string | null): Promise<FrameView> {
    this.#begin('logIn');
    this.#needLine();
    if (this.#wrong >= WRONG_PASSWORDS_ALLOWED) throw new Problem(data.PROBLEMS.lockedOut);
    const right =
      corporationNumber === data.CORPORATION_NUMBER && loginId === data.LOGIN_ID && password === this.#password;
    if (!right) {
      this.#wrong += 1;
      const left = WRONG_PASSWORDS_ALLOWED - this.#wrong;
      throw new Problem(left > 0 ? data.PROBLEMS.wrongCredentials(left) : data.PROBLEMS.lockedOut);
    }
    if (this.#secondFactor === 'on') {
      if (code === null) throw new Problem(data.PROBLEMS.secondFactorRequired);
      if (code !== data.SECOND_FACTOR_CODE) throw new Problem(data.PROBLEMS.wrongCode);
    }
    this.#wrong = 0;
    this.#account = { mustChange: password === data.TEMPORARY_PASSWORD };
    return this.#frame();
  }

  async resetPassword(
    corporationNumber: string,
    loginId: string,
    code: string,
    newPassword: string,
  ): Promise<FrameView> {
    this.#begin('resetPassword');
    this.#needLine();
    if (newPassword.length < 12) throw new Problem(data.PROBLEMS.weakPassword);
    const right = corporationNumber === data.CORPORATION_NUMBER && loginId === data.LOGIN_ID;
    if (!right || code.replaceAll('-', '') !== data.RESET_CODE.replaceAll('-', ''))
      throw new Problem(data.PROBLEMS.wrongCode);
    this.#password = newPassword;
    this.#wrong = 0;
    this.#secondFactor = 'off';
    this.#account = { mustChange: false };
    return this.#frame();
  }

  async signOutElsewhere(): Promise<FrameView> {
    this.#begin('signOutElsewhere');
    this.#needLine();
    return this.#frame();
  }

  async setUpSecondFactor(): Promise<SecondFactorView> {
    this.#begin('setUpSecondFactor');
    this.#needLine();
    this.#secondFactor = 'prepared';
    return structuredClone(data.SECOND_FACTOR);
  }

  async confirmSecondFactor(code: string): Promise<string[]> {
    this.#begin('confirmSecondFactor');
    this.#needLine();
    if (this.#secondFactor !== 'prepared' || code !== data.SECOND_FACTOR_CODE)
      throw new Problem(data.PROBLEMS.wrongCode);
    this.#secondFactor = 'on';
    return [...data.RECOVERY_CODES];
  }

  async endSecondFactor(code: string): Promise<FrameView> {
    this.#begin('endSecondFactor');
    this.#needLine();
    if (code !== data.SECOND_FACTOR_CODE && !data.RECOVERY_CODES.includes(code))
      throw new Problem(data.PROBLEMS.wrongCode);
    this.#secondFactor = 'off';
    return this.#frame();
  }

  async logins(): Promise<LoginView[]> {
    this.#begin('logins');
    this.#needLine();
    return structuredClone(data.LOGINS);
  }

  async issueResetCode(loginId: string): Promise<ResetCodeView> {
    this.#begin('issueResetCode');
    this.#needLine();
    if (!data.LOGINS.some((login) => login.login_id === loginId && login.office))
      throw new Problem(data.PROBLEMS.notSignedIn);
    return { code: data.RESET_CODE, minutes: 60 };
  }

  async changePassword(newPassword: string): Promise<FrameView> {
    this.#begin('changePassword');
    this.#needLine();
    if (!this.#account) throw new Problem(data.PROBLEMS.notSignedIn);
    if (newPassword.length < 12 || newPassword === this.#password) throw new Problem(data.PROBLEMS.weakPassword);
    this.#password = newPassword;
    this.#account.mustChange = false;
    return this.#frame();
  }

  async logOut(): Promise<FrameView> {
    this.#begin('logOut');
    this.#account = null;
    return this.#frame();
  }

  async chooseFiles(): Promise<CheckView[]> {
    this.#begin('chooseFiles');
    return this.#lay(this.nextChoice);
  }

  async checkFiles(paths: string[]): Promise<CheckView[]> {
    this.#begin('checkFiles');
    return this.#lay(paths);
  }

  async checking(): Promise<CheckingView | null> {
    this.#begin('checking');
    return this.#checking;
  }

  async stopChecking(): Promise<null> {
    this.#begin('stopChecking');
    this.showChecking(null);
    return null;
  }

  async fileParts(sha256: string): Promise<PartView[]> {
    this.#begin('fileParts');
    return structuredClone(found(files.partsOf(sha256)));
  }

  async claimSheet(sha256: string, line: number): Promise<SheetView> {
    this.#begin('claimSheet');
    return structuredClone(found(files.sheetOf(sha256, line)));
  }

  async printFindings(sha256: string): Promise<SavedView> {
    this.#begin('printFindings');
    return paper('直すところ', sha256, 'pdf');
  }

  async exportFindings(sha256: string): Promise<SavedView> {
    this.#begin('exportFindings');
    return paper('直すところ', sha256, 'csv');
  }

  async printSheet(sha256: string, line: number): Promise<SavedView> {
    this.#begin('printSheet');
    const { part } = found(files.sheetOf(sha256, line));
    return paper(`明細書_${part.insured ?? part.kind}_${part.line}行`, sha256, 'pdf');
  }

  async compareWith(sha256: string, earlier: string): Promise<DifferenceView> {
    this.#begin('compareWith');
    const before = this.#submission(earlier);
    if (sha256 !== data.checkOf('KK260602.CSV').sha256) throw new Problem(data.PROBLEMS.unknownFile);
    return { ...structuredClone(files.DIFFERENCE), before: before.file };
  }

  async officeAreas(): Promise<OfficeAreaView[]> {
    this.#begin('officeAreas');
    return structuredClone(this.#areas);
  }

  async setOfficeArea(office: string, area: string | null, from: string | null): Promise<OfficeAreaView[]> {
    this.#begin('setOfficeArea');
    const month = from ?? inJapan(this.#now).slice(0, 7);
    if ((area !== null && !files.AREAS.includes(area)) || !/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) {
      throw new Problem(data.PROBLEMS.unknownArea);
    }
    const row = found(this.#areas.find((known) => known.office === office));
    row.history = [...row.history.filter((entry) => entry.from !== month), { from: month, area }];
    row.history.sort((a, b) => a.from.localeCompare(b.from));
    row.area = row.history.findLast((entry) => entry.from <= inJapan(this.#now))?.area ?? row.history[0]?.area ?? null;
    this.#tell('frame');
    return structuredClone(this.#areas);
  }

  async stage(path: string, sha256: string): Promise<SubmissionView> {
    this.#begin('stage');
    const check = this.#check(path);
    if (check.sha256 !== sha256) throw new Problem(data.PROBLEMS.changed);
    if (check.kind !== 'claim') throw new Problem(data.PROBLEMS.notSendable);
    if (!check.sendable) throw new Problem(data.PROBLEMS.hasErrors);
    const before = this.#submissions.find((submission) => submission.id === sha256);
    if (before) return { ...structuredClone(before), repeated: true };
    if (check.replaces) throw new Problem(data.PROBLEMS.alreadyClaimed);
    this.#submissions.unshift({
      id: sha256,
      file: check.file,
      office: check.office,
      office_name: check.office_name ?? '',
      processing_month: check.processing_month ?? '',
      service_months: check.service_months,
      claims: check.claims,
      yen: check.yen,
      state: 'ready',
      state_word: '送信待ち',
      state_number: null,
      basic_code: null,
      accept_code: null,
      sha256,
      size: check.size,
      steps: steps(-1, []),
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
      created_at: inJapan(this.#now),
      repeated: false,
      test: check.test,
    });
    this.#flush();
    this.#tell('submissions');
    return structuredClone(this.#submission(sha256));
  }

  async submissions(): Promise<SubmissionView[]> {
    this.#begin('submissions');
    return structuredClone(this.#submissions);
  }

  async retry(id: string): Promise<SubmissionView> {
    this.#begin('retry');
    const submission = this.#submission(id);
    this.#needLine();
    this.#flush();
    this.#tell('submissions');
    return structuredClone(submission);
  }

  async sendAgain(id: string): Promise<SubmissionView> {
    this.#begin('sendAgain');
    const submission = this.#submission(id);
    if (submission.round > 1 && submission.state === 'ready') return structuredClone(submission);
    if (!submission.can_send_again) throw new Problem(data.PROBLEMS.cannotSendAgain(submission.state_word));
    this.#ended.set(id, structuredClone(submission));
    this.#reachedRelay.delete(id);
    const { round, state_word, basic_code, accept_code, cancel_code, message, steps: before } = submission;
    const ended_at = before.findLast((step) => step.at !== null)?.at ?? null;
    submission.earlier.push({ round, state_word, ended_at, basic_code, accept_code, cancel_code, message });
    Object.assign(submission, {
      round: round + 1,
      state: 'ready',
      state_word: '送信待ち',
      state_number: null,
      basic_code: null,
      accept_code: null,
      cancel_code: null,
      message: null,
      problem: null,
      steps: steps(-1, []),
      can_send_again: false,
      can_hide: false,
      hidden: false,
    } satisfies Partial<SubmissionView>);
    this.#flush();
    this.#tell('submissions', 'returns');
    return structuredClone(submission);
  }

  async withdraw(id: string): Promise<SubmissionView> {
    this.#begin('withdraw');
    const submission = this.#submission(id);
    const before = this.#ended.get(id);
    this.#submissions = before
      ? this.#submissions.map((other) => (other.id === id ? before : other))
      : this.#submissions.filter((other) => other.id !== id);
    this.#ended.delete(id);
    this.#tell('submissions');
    return structuredClone(before ?? submission);
  }

  async cancel(id: string): Promise<SubmissionView> {
    this.#begin('cancel');
    const submission = this.#submission(id);
    this.#needLine();
    if (!submission.can_cancel) throw new Problem(data.PROBLEMS.cannotCancel);
    const atOnce = submission.state === 'at_relay';
    submission.state = atOnce ? 'cancelled' : 'cancel_requested';
    submission.state_word = atOnce ? '取消完了' : '取消依頼中';
    submission.cancel_code = '2026060510000000017';
    submission.can_cancel = false;
    submission.can_hide = atOnce;
    submission.can_send_again = atOnce;
    submission.line_position = null;
    this.#tell('submissions', 'returns');
    return structuredClone(submission);
  }

  async hide(id: string, hidden: boolean): Promise<SubmissionView> {
    this.#begin('hide');
    const submission = this.#submission(id);
    this.#needLine();
    if (hidden && !submission.can_hide) throw new Problem(data.PROBLEMS.cannotHide);
    submission.hidden = hidden;
    this.#tell('submissions');
    return structuredClone(submission);
  }

  async receipt(id: string): Promise<{ path: string; file: string }> {
    this.#begin('receipt');
    const submission = this.#submission(id);
    if (submission.accept_code === null) throw new Problem(data.PROBLEMS.noReceipt);
    const file = `受領書_${submission.office}_${submission.processing_month}_${id.slice(0, 8)}.pdf`;
    return { path: `/fake/Documents/とどけ/${file}`, file };
  }

  async syncNow(): Promise<ImportView> {
    this.#begin('syncNow');
    this.#needLine();
    this.#lastAnswer = this.#now;
    this.#tell('frame', 'submissions', 'notices', 'returns');
    return { files: 0, new: 0, repeated: 0, refused: [] };
  }

  async importFiles(paths: string[]): Promise<ImportView> {
    this.#begin('importFiles');
    if (paths.some((path) => path === this.nextFolder || this.#unfinished.includes(path))) {
      this.#unfinished = [];
      const { files, new: taken, repeated, twice } = data.PREVIEW;
      this.#returns.push(...structuredClone(data.RETURNS_FORGOTTEN));
      this.#tell('notices', 'returns');
      return { files, new: taken, repeated: repeated + twice, refused: structuredClone(data.PREVIEW.refused) };
    }
    const result: ImportView = { files: paths.length, new: 0, repeated: 0, refused: [] };
    for (const path of paths) {
      const file = path.split('/').pop() ?? path;
      const known = [...data.NOTICES_OF_JUNE, ...data.NOTICES_OF_PAYMENT].find(
        (content) => content.notice.file === file,
      );
      if (!known) result.refused.push({ file, problem: data.PROBLEMS.notInterchange });
      else if (this.#notices.some((content) => content.notice.id === known.notice.id)) result.repeated += 1;
      else {
        const notice = { ...known.notice, origin: 'disk', received_at: inJapan(this.#now) };
        this.#notices.unshift({ ...structuredClone(known), notice });
        result.new += 1;
      }
    }
    if (result.new > 0) this.#tell('notices', 'returns');
    return result;
  }

  async chooseImport(): Promise<ImportView> {
    return this.importFiles(this.nextImport);
  }

  async notices(): Promise<NoticeContentView['notice'][]> {
    this.#begin('notices');
    return structuredClone(this.#notices.map((content) => content.notice));
  }

  async notice(id: string): Promise<NoticeContentView> {
    this.#begin('notice');
    const content = this.#notices.find((candidate) => candidate.notice.id === id);
    if (!content) throw new Problem(data.PROBLEMS.unknownNotice);
    content.notice.unread = false;
    this.#tell('frame', 'notices');
    return structuredClone(content);
  }

  async chooseFolder(): Promise<string | null> {
    this.#begin('chooseFolder');
    return this.nextFolder;
  }

  async previewImport(paths: string[]): Promise<ImportPreviewView> {
    this.#begin('previewImport');
    return { ...structuredClone(data.PREVIEW), paths };
  }

  async importProgress() {
    this.#begin('importProgress');
    return null;
  }

  async unfinishedImport(): Promise<string[]> {
    this.#begin('unfinishedImport');
    return [...this.#unfinished];
  }

  async forgetUnfinishedImport(): Promise<void> {
    this.#begin('forgetUnfinishedImport');
    this.#unfinished = [];
  }

  async worklist(query: WorkQuery, offset: number, count: number): Promise<WorkPageView> {
    this.#begin('worklist');
    return structuredClone(this.#work.page(this.#rows(), query, offset, count, this.#today()));
  }

  async workItem(id: string): Promise<WorkItemView> {
    this.#begin('workItem');
    const today = this.#today();
    const item = this.#work.item(this.#rows(), id, today, (row) => this.#sent.withdrawalOf(row, today));
    if (!item) throw new Problem(data.PROBLEMS.unknownReturn);
    return structuredClone(item);
  }

  async decideReturns(keys: string[], choice: Choice): Promise<DecidedView> {
    this.#begin('decideReturns');
    const needs = choice.kind === 'close' ? choice.reason : choice.kind === 'note' ? choice.text : null;
    const proposed = keys.some((key) =>
      this.#rows().some((row) => row.key === key && this.#work.row(row, this.#today()).give_up_proposed),
    );
    if (needs !== null && needs.trim() === '' && !proposed) throw new Problem(data.PROBLEMS.reasonMissing);
    const decided = this.#work.decide(this.#rows(), keys, choice, inJapan(this.#now));
    if (decided === null) throw new Problem(data.PROBLEMS.unknownReturn);
    if (decided === 'second_look') throw new Problem(data.PROBLEMS.secondLook);
    this.#tell('frame');
    return decided;
  }

  async undoDecisions(ids: number[]): Promise<DecidedView> {
    this.#begin('undoDecisions');
    const undone = this.#work.undo(ids);
    if (!undone) throw new Problem(data.PROBLEMS.unknownDecision);
    this.#tell('frame');
    return undone;
  }

  async setPerson(name: string): Promise<string | null> {
    this.#begin('setPerson');
    this.#work.person = name.trim() || null;
    return this.#work.person;
  }

  async savedFilters() {
    this.#begin('savedFilters');
    return this.#work.filters();
  }

  async saveFilter(name: string, query: WorkQuery | null) {
    this.#begin('saveFilter');
    if (query && name.trim() === '') throw new Problem(data.PROBLEMS.nameMissing);
    return this.#work.saveFilter(name.trim(), query);
  }

  async alarms(): Promise<AlarmView[]> {
    this.#begin('alarms');
    return structuredClone(this.#work.alarms);
  }

  async saveWorklist(_query: WorkQuery, form: PaperForm) {
    this.#begin('saveWorklist');
    return saved(`返戻・未収一覧_${this.#today()}.${form}`);
  }

  async saveChecklist(_office: string | null, form: PaperForm) {
    this.#begin('saveChecklist');
    return saved(`今月の請求で直すもの_${this.#today()}.${form}`);
  }

  async saveCallSheets(office: string | null) {
    this.#begin('saveCallSheets');
    return this.#returns.some((row) => row.state === 'held' && (office ?? row.office) === row.office)
      ? [saved('問合せ票_9970000015_ケアマネ9970000023.pdf')]
      : [];
  }

  async board(figure: string): Promise<BoardView> {
    this.#begin('board');
    return boardOf(this.#months(), figure, this.#locks());
  }

  async officeMonth(office: string, month: string): Promise<OfficeMonthView> {
    this.#begin('officeMonth');
    const found = this.#months().find((balance) => balance.office === office && balance.month === month);
    if (!found) throw new Problem(data.PROBLEMS.unknownMonth);
    const closings = this.#closings.filter((closing) => closing.office === office && closing.month === month);
    return {
      ...monthOf(found, this.#returns),
      notices: this.#notices
        .filter(({ notice }) => notice.office === office && notice.processing_month === month)
        .map(({ notice: { id, exchange_id, title } }) => ({ id, exchange_id, title })),
      lock: this.#locks().find((lock) => lock.office === office && lock.month === month) ?? null,
      closings: closings.map(({ at, by, what, reason }) => ({ at, by, what, reason })),
    };
  }

  async analysis(office: string | null): Promise<AnalysisView> {
    this.#begin('analysis');
    return analysisOf(
      this.#returns.filter((row) => office === null || row.office === office),
      inJapan(this.#now).slice(0, 7),
    );
  }

  async deposits(office: string | null): Promise<DepositView[]> {
    this.#begin('deposits');
    const months = this.#months().filter((month) => office === null || month.office === office);
    return depositsOf(months, inJapan(this.#now).slice(0, 10));
  }

  async withdrawalPaper(key: string): Promise<SavedView> {
    this.#begin('withdrawalPaper');
    const claim = this.#sentOf(key.split('/')[0] ?? '').find((sent) => sent.key === key);
    if (!claim) throw new Problem(data.PROBLEMS.unknownClaim);
    const { form, text } = claim.withdrawal;
    if (form === null) throw new Problem(data.PROBLEMS.noWithdrawalForm(text));
    return saved(`${form}_${claim.office}_${claim.insured}_${claim.service_month}.pdf`);
  }

  async sentClaims({ office, month, insured }: SentQuery): Promise<SentClaimsView> {
    this.#begin('sentClaims');
    const end = insured.normalize('NFKC').replace(/\s/g, '');
    const found = this.#sentOf(office).filter(
      (claim) => (month === '' || claim.attempts.includes(month)) && claim.insured.endsWith(end),
    );
    return structuredClone({ claims: found.slice(0, MOST_CLAIMS), total: found.length });
  }

  async setKagoDays(insurer: string, days: KagoDays): Promise<void> {
    this.#begin('setKagoDays');
    if (!this.#sent.setDays(insurer, days)) throw new Problem(data.PROBLEMS.wrongKagoDay);
    this.#tell('returns');
  }

  async chooseStatement(office: string | null): Promise<BankView | null> {
    this.#begin('chooseStatement');
    if (this.nextPlace === null) return null;
    const due = await this.deposits(office);
    return statementOf(
      due.filter((deposit) => deposit.certainty === 'announced'),
      `${this.nextPlace}/入出金明細.csv`,
    );
  }

  async closeMonth(office: string | null, month: string, stage: string): Promise<LockView[]> {
    this.#begin('closeMonth');
    const months = this.#months().filter((one) => one.month === month && (office === null || one.office === office));
    if (months.length === 0) throw new Problem(data.PROBLEMS.unknownMonth);
    const ready = months.filter((one) => {
      const lock = this.#locks().find((locked) => locked.office === one.office && locked.month === month);
      if (lock && (lock.stage === 'payment' || lock.stage === stage)) return false;
      return stage === 'claims' || one.missing.length === 0;
    });
    if (ready.length === 0) throw new Problem(data.PROBLEMS.notReadyToClose);
    for (const one of ready) {
      const what = stage === 'claims' ? '請求の締め' : '入金の締め';
      this.#closings.push({
        office: one.office,
        month,
        stage,
        what,
        reason: '',
        by: data.LOGIN_ID,
        at: inJapan(this.#now),
      });
    }
    this.#tell('returns');
    return this.#locks().filter((lock) => lock.month === month);
  }

  async reopenMonth(office: string, month: string, reason: string): Promise<LockView[]> {
    this.#begin('reopenMonth');
    if (reason.trim() === '') throw new Problem(data.PROBLEMS.reasonMissing);
    if (!this.#locks().some((lock) => lock.office === office && lock.month === month))
      throw new Problem(data.PROBLEMS.unknownMonth);
    const by = data.LOGIN_ID;
    this.#closings.push({ office, month, stage: null, what: '締めを開く', reason, by, at: inJapan(this.#now) });
    this.#tell('returns');
    return this.#locks().filter((lock) => lock.month === month);
  }

  async rollForward(office: string | null, style: string): Promise<RollView> {
    this.#begin('rollForward');
    return rollOf(
      this.#months().filter((month) => office === null || month.office === office),
      style,
    );
  }

  async exportList(request: ExportRequest): Promise<SavedView | null> {
    this.#begin('exportList');
    if (this.nextPlace === null) return null;
    const file = `${request.what}.${request.format}`;
    return { path: `${this.nextPlace}/${file}`, file };
  }

  async noticePaper(id: string): Promise<SavedView> {
    this.#begin('noticePaper');
    const content = this.#notices.find((candidate) => candidate.notice.id === id);
    if (!content) throw new Problem(data.PROBLEMS.unknownNotice);
    const file = `${content.notice.title}_${content.notice.office}_${content.notice.processing_month}.pdf`;
    return { path: `/fake/Documents/とどけ/${file}`, file };
  }

  async saveOriginal(id: string): Promise<SavedView | null> {
    this.#begin('saveOriginal');
    if (this.nextPlace === null) return null;
    const found = this.#notices.find(({ notice }) => notice.id === id)?.notice ?? this.#submission(id);
    const [stem, ending] = found.file.split('.');
    const month = found.processing_month === null ? '' : `${found.processing_month}_`;
    const file = `もとのファイル_${found.office.replaceAll('*', '')}_${month}${stem}_${id.slice(0, 8)}.${ending}`;
    return { path: `${this.nextPlace}/${file}`, file };
  }

  async noticesNaming(text: string): Promise<string[]> {
    this.#begin('noticesNaming');
    const words = text.normalize('NFKC').split(/\s+/).filter(Boolean);
    return this.#notices
      .filter((content) => words.every((word) => JSON.stringify(content).includes(word)))
      .map(({ notice }) => notice.id);
  }

  async markNoticesRead(ids: string[]): Promise<void> {
    this.#begin('markNoticesRead');
    for (const { notice } of this.#notices) if (ids.includes(notice.id)) notice.unread = false;
    this.#tell('notices');
    this.#tell('frame');
  }

  async rescueKit(): Promise<RescueView> {
    this.#begin('rescueKit');
    const waiting = this.#submissions.filter((row) => !row.hidden && !row.test && row.state === 'ready');
    const first = waiting[0];
    if (!first) throw new Problem(data.PROBLEMS.nothingToRescue);
    const folder = '/fake/Documents/CD-R_2026-06-05_1015';
    return {
      folder,
      closes: '2026-06-10',
      offices: [
        {
          office: first.office,
          office_name: first.office_name,
          kokuhoren: '架空県国民健康保険団体連合会',
          phone: '',
          section: '',
          counter: null,
          ids: waiting.map((row) => row.id),
          sheet: `${folder}/${first.office}/送付書.pdf`,
          unclear: false,
        },
      ],
    };
  }

  async handedInOnDisc(ids: string[]): Promise<void> {
    this.#begin('handedInOnDisc');
    if (ids.some((id) => !this.#submissions.some((row) => row.id === id)))
      throw new Problem(data.PROBLEMS.unknownSubmission);
    this.#submissions = this.#submissions.filter((row) => !ids.includes(row.id));
    this.#tell('submissions', 'returns');
  }

  async practice(): Promise<PracticeView | null> {
    this.#begin('practice');
    return this.practiceView;
  }

  async beginPractice(): Promise<void> {
    this.#begin('beginPractice');
  }

  async layPracticeFile(name: string): Promise<void> {
    this.#begin('layPracticeFile');
    if (!this.practiceView?.files.some((file) => file.name === name)) throw new Problem(data.PROBLEMS.unknownFile);
    this.drop([`/fake/practice/${name}`]);
  }

  async endPractice(): Promise<void> {
    this.#begin('endPractice');
  }

  async advanceDemo(to: string): Promise<FrameView> {
    this.#begin('advanceDemo');
    this.#needLine();
    this.#moveTo(Date.parse(to));
    return this.#frame();
  }

  async switchAccount(corporationNumber: string, loginId: string): Promise<FrameView> {
    this.#begin('switchAccount');
    if (corporationNumber !== data.CORPORATION_NUMBER || loginId !== data.LOGIN_ID)
      throw new Problem(data.PROBLEMS.notSignedIn);
    return this.#frame();
  }

  async onboarding(): Promise<OnboardingView> {
    this.#begin('onboarding');
    return this.#onboarding();
  }

  async saveOnboarding(draft: Draft): Promise<OnboardingView> {
    this.#begin('saveOnboarding');
    const begun = this.#start.started;
    this.#start.draft = structuredClone(draft);
    if (begun !== this.#start.started) this.#tell('frame');
    return this.#onboarding();
  }

  async pasteOffices(text: string): Promise<PastedView> {
    this.#begin('pasteOffices');
    const pasted = this.#start.paste(text);
    return { pasted, onboarding: this.#onboarding() };
  }

  async fetchOperator(): Promise<OnboardingView> {
    this.#begin('fetchOperator');
    this.#needLine();
    this.#start.operator = true;
    return this.#onboarding();
  }

  async apply(): Promise<OnboardingView> {
    this.#begin('apply');
    this.#needLine();
    this.#start.apply();
    return this.#onboarding();
  }

  async withdrawApplication(): Promise<OnboardingView> {
    this.#begin('withdrawApplication');
    this.#needLine();
    for (const application of this.#start.applications) application.state = 'withdrawn';
    return this.#onboarding();
  }

  async fetchLetters(): Promise<LettersView> {
    this.#begin('fetchLetters');
    this.#needLine();
    return {
      usable_from: '2026-08-01',
      letters: [
        {
          corporation_number: data.CORPORATION_NUMBER,
          office: null,
          office_name: null,
          login_id: data.LOGIN_ID,
          password: data.TEMPORARY_PASSWORD,
        },
      ],
    };
  }

  async powerOfAttorneyPapers(): Promise<SavedView[]> {
    this.#begin('powerOfAttorneyPapers');
    return ['委任状_すべて.pdf', '委任状_送付一覧.pdf'].map(saved);
  }

  async planPaper(): Promise<SavedView> {
    this.#begin('planPaper');
    return saved('利用開始の予定_2026-08.pdf');
  }

  async planCalendar(): Promise<SavedView> {
    this.#begin('planCalendar');
    return saved('利用開始の予定_2026-08.ics');
  }

  async donePaper(): Promise<SavedView> {
    this.#begin('donePaper');
    return saved('利用開始の控え.pdf');
  }

  async sendTest(office: string): Promise<SubmissionView> {
    this.#begin('sendTest');
    const sha256 = '7e'.repeat(32);
    this.#submissions.unshift({
      ...(structuredClone(data.SENT_BEFORE[0]) as SubmissionView),
      id: sha256,
      sha256,
      file: 'T0510150.CSV',
      office,
      test: true,
      state: 'ready',
      state_word: '送信待ち',
      state_number: null,
      accept_code: null,
      steps: steps(-1, []),
    });
    this.#flush();
    this.#tell('submissions');
    return structuredClone(this.#submission(sha256));
  }

  async saveChange(request: ChangeRequest): Promise<OnboardingView> {
    this.#begin('saveChange');
    this.#start.change = structuredClone(request);
    return this.#onboarding();
  }

  async pasteChangeOffices(text: string): Promise<PastedView> {
    this.#begin('pasteChangeOffices');
    const pasted = this.#start.paste(text, this.#start.change.offices);
    return { pasted, onboarding: this.#onboarding() };
  }

  async chooseSealedPhoto(office: string): Promise<OnboardingView | null> {
    this.#begin('chooseSealedPhoto');
    for (const application of this.#start.applications)
      for (const one of application.offices) if (one.number === office) one.photo = inJapan(this.#now).slice(0, 10);
    return this.#onboarding();
  }

  async sealedPhoto(): Promise<PictureView> {
    this.#begin('sealedPhoto');
    return { kept_at: inJapan(this.#now), data: data.DOT };
  }

  async sealedPhotosPaper(): Promise<SavedView> {
    this.#begin('sealedPhotosPaper');
    return saved('押印した委任状の写し.pdf');
  }

  async enquiryPaper(enquiry: Enquiry): Promise<SavedView> {
    this.#begin('enquiryPaper');
    if (/\p{Extended_Pictographic}/u.test(`${enquiry.what}${enquiry.name}`))
      throw new Problem(data.PROBLEMS.missingGlyph);
    return saved('問い合わせ票_20260605_1000.pdf');
  }

  async requestChange(request: ChangeRequest): Promise<OnboardingView> {
    this.#begin('requestChange');
    this.#needLine();
    this.#start.change = structuredClone(request);
    const wrong = this.#onboarding().change_remarks.find((remark) => remark.blocks);
    if (wrong) throw new Problem({ code: 'E-1817', message: `まだ申し込めません。${wrong.text}`, retryable: false });
    const { corporation, offices } = request;
    this.#start.change = { change: null, offices: [], numbers: [], corporation: structuredClone(corporation) };
    this.#start.applications.push({
      id: 'c2'.repeat(16),
      number: 'M00000013',
      kind: request.change ?? '',
      title: request.change === 'stop' ? '利用の終了' : `事業所の追加（${offices.length}事業所）`,
      state: 'open',
      received: inJapan(this.#now),
      credentials_expected: null,
      offices: [],
      reason: null,
    });
    return this.#onboarding();
  }

  async preferences(): Promise<Preferences> {
    this.#begin('preferences');
    return structuredClone(this.everyday.preferences);
  }

  async setPreferences(wanted: Preferences): Promise<Preferences> {
    this.#begin('setPreferences');
    return this.everyday.set(wanted);
  }

  async setProxyPassword(password: string): Promise<void> {
    this.#begin('setProxyPassword');
    this.everyday.proxyPassword = password;
  }

  async chooseCompanyRoot(): Promise<Preferences | null> {
    this.#begin('chooseCompanyRoot');
    this.everyday.preferences.company_root = 'company-root.pem';
    return structuredClone(this.everyday.preferences);
  }

  async forgetCompanyRoot(): Promise<Preferences> {
    this.#begin('forgetCompanyRoot');
    this.everyday.preferences.company_root = null;
    return structuredClone(this.everyday.preferences);
  }

  async watched(): Promise<WatchView> {
    this.#begin('watched');
    return this.everyday.watched();
  }

  async chooseWatchedFolder(): Promise<WatchView | null> {
    this.#begin('chooseWatchedFolder');
    if (this.nextFolder === null) return null;
    this.everyday.preferences.watched_folder = this.nextFolder;
    return this.everyday.watched();
  }

  async forgetWatchedFolder(): Promise<WatchView> {
    this.#begin('forgetWatchedFolder');
    this.everyday.preferences.watched_folder = null;
    this.everyday.away = false;
    return this.everyday.watched();
  }

  async takeFound(): Promise<CheckView[]> {
    this.#begin('takeFound');
    return this.#lay(this.everyday.takeFound());
  }

  async recentFiles(): Promise<RecentFileView[]> {
    this.#begin('recentFiles');
    return structuredClone(this.everyday.recent);
  }

  async health(): Promise<HealthView> {
    this.#begin('health');
    return structuredClone(this.everyday.health);
  }

  async supportFile(): Promise<SavedView> {
    this.#begin('supportFile');
    return saved('サポート用資料_20260605_101500.zip');
  }

  async databaseCopies(): Promise<CopyView[]> {
    this.#begin('databaseCopies');
    return structuredClone(this.everyday.copies);
  }

  async newerVersion(): Promise<UpdateView | null> {
    this.#begin('newerVersion');
    this.#needLine();
    return structuredClone(this.everyday.update);
  }

  async installUpdate(): Promise<void> {
    this.#begin('installUpdate');
    this.#needLine();
  }

  #lay(paths: string[]): CheckView[] {
    const views = paths.map((path) => this.#check(path));
    this.everyday.remember(
      views.filter((view) => view.problem === null).map((view) => view.path),
      inJapan(this.#now),
    );
    return views;
  }

  async takeDropped(): Promise<CheckView[]> {
    this.#begin('takeDropped');
    return this.#dropped.splice(0);
  }

  onChanged(listener: (topic: Topic) => void): Stop {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The months on hand: those of the story, or the many that a test laid out. */
  #months(): FakeMonth[] {
    if (this.#many) return this.#many;
    const sentInJune = this.#submissions.some(
      (submission) => submission.processing_month === '2026-06' && submission.office === '9970000015',
    );
    if (!sentInJune) return MONTHS_BEFORE;
    const phase = this.#now >= Date.parse(PAYMENT) ? 'paid' : this.#now >= Date.parse(REVIEW) ? 'reviewed' : 'sent';
    return [monthOfJune(phase), ...MONTHS_BEFORE];
  }

  #locks(): LockView[] {
    const locks = new Map<string, LockView>();
    for (const { office, month, stage, what, by, at } of this.#closings) {
      if (stage === null) locks.delete(`${office}.${month}`);
      else locks.set(`${office}.${month}`, { office, month, stage, stage_name: what, by, at, changes: [] });
    }
    return [...locks.values()];
  }

  #begin(method: string): void {
    this.calls.push(method);
    const failure = this.#failures.get(method);
    if (!failure) return;
    this.#failures.delete(method);
    throw new Problem(failure);
  }

  #today(): string {
    return inJapan(this.#now).slice(0, 10);
  }

  #sentOf(office: string): SentClaimView[] {
    return this.#sent.claims(office, this.#rows(), this.#submissions, this.#months(), this.#today());
  }

  /** What was returned, with the window that comes next. */
  #rows(): ReturnView[] {
    const window = windowAt(this.#today());
    return this.#returns.map((row) => (row.state === 'open' ? { ...row, next_window: window.processing_month } : row));
  }

  #needLine(): void {
    if (this.#offline) throw new Problem(data.PROBLEMS.unreachable);
  }

  #tell(...topics: Topic[]): void {
    for (const topic of topics) for (const listener of this.#listeners) listener(topic);
  }

  #submission(id: string): SubmissionView {
    const found = this.#submissions.find((submission) => submission.id === id);
    if (!found) throw new Problem(data.PROBLEMS.unknownSubmission);
    return found;
  }

  #check(path: string): CheckView {
    const check = structuredClone(data.checkOf(path));
    const before = this.#submissions.find((submission) => submission.id === check.sha256);
    const other = this.#submissions.find(
      ({ id, office, service_months }) =>
        id !== check.sha256 && office === check.office && service_months.join() === check.service_months.join(),
    );
    const replaces = other && {
      id: other.id,
      file: other.file,
      state_word: other.state_word,
      created_at: other.created_at,
      claims: other.claims,
      yen: other.yen,
    };
    return {
      ...check,
      same_as: before?.id ?? null,
      replaces: before ? null : (replaces ?? null),
      area: this.#area(check),
    };
  }

  /** The prices of the fake files are those of 5級地. */
  #area(check: CheckView): CheckView['area'] {
    if (check.kind !== 'claim') return null;
    const set = this.#areas.find((known) => known.office === check.office)?.area ?? null;
    if (set === null) {
      const message =
        'この事業所の地域区分がまだ決まっていないため、単価が正しいかを確かめられません。このファイルの単価は5級地のものです。設定で地域区分を選んでください。';
      return { state: 'unset', set, told: '5級地', message };
    }
    return set === '5級地'
      ? { state: 'fits', set, told: '5級地', message: '単価は、設定した地域区分（5級地）のものと合っています。' }
      : {
          state: 'differs',
          set,
          told: '5級地',
          message: `単価が、設定した地域区分（${set}）のものと違います。介護ソフトの地域区分と、とどけの設定のどちらが正しいかを確かめてください。`,
        };
  }

  /** Sends what waits, when there is a line. */
  #flush(): void {
    for (const submission of this.#submissions.filter(({ state }) => state === 'ready')) {
      if (this.#offline) {
        submission.problem = { ...data.PROBLEMS.unreachable };
        continue;
      }
      this.#reachedRelay.set(submission.id, this.#now);
      submission.problem = null;
      submission.accept_code = `R202606-${submission.id.slice(0, 4).toUpperCase()}-${submission.round}`;
      this.#progress(submission);
    }
  }

  #progress(submission: SubmissionView): void {
    const start = this.#reachedRelay.get(submission.id);
    if (start === undefined || submission.cancel_code !== null) return;
    if (this.#now >= Date.parse(REVIEW)) {
      const done = { state: 'completed', state_word: '完了', state_number: 6, basic_code: '5C06', can_cancel: false };
      Object.assign(submission, done);
      submission.steps = steps(2, [start, start + 6 * 60_000, start + 25 * 60_000]);
      return;
    }
    const passed = PROGRESS.filter(([minutes]) => start + minutes * 60_000 <= this.#now);
    const reached = passed.at(-1);
    if (!reached) return;
    const [, state, state_word, state_number, code, done] = reached;
    const ends = [0, 1, 2].map((step) => {
      const first = PROGRESS.find(([, , , , , ended]) => ended === step);
      return start + (first?.[0] ?? 0) * 60_000;
    });
    Object.assign(submission, { state, state_word, state_number, basic_code: code || null });
    submission.steps = steps(done, ends);
    submission.line_position = state === 'at_relay' ? 1 : null;
    submission.can_hide = ['completed', 'format_error', 'external_error', 'cancelled'].includes(state);
    submission.can_cancel = state !== 'transmitting';
  }

  #moveTo(time: number): void {
    const before = this.#now;
    this.#now = Math.max(before, time);
    if (!this.#offline) this.#lastAnswer = this.#now;
    for (const submission of this.#submissions) this.#progress(submission);
    const passes = (moment: string) => before < Date.parse(moment) && Date.parse(moment) <= this.#now;
    const sent = this.#reachedRelay.size > 0;
    if (sent && passes(REVIEW)) {
      this.#notices.unshift(...structuredClone(data.NOTICES_OF_JUNE));
      this.#returns.unshift(...structuredClone(data.RETURNS_OF_JUNE));
    }
    if (sent && passes(PAYMENT)) this.#notices.unshift(...structuredClone(data.NOTICES_OF_PAYMENT));
    if (passes(ANNOUNCEMENT)) this.#notices.unshift(...structuredClone(data.ANNOUNCEMENT));
    this.#tell('frame', 'submissions', 'notices', 'returns');
  }

  #onboarding(): OnboardingView {
    const test = this.#submissions.find((submission) => submission.test);
    return this.#start.view(inJapan(this.#now).slice(0, 10), {
      signedIn: this.#account !== null && !this.#account.mustChange,
      offices: this.#account ? structuredClone(data.OFFICES) : [],
      test: test ? { id: test.id, state_word: test.state_word, failed: false } : null,
      tested: test?.state === 'accepted',
    });
  }

  #frame(): FrameView {
    const now = inJapan(this.#now);
    const signedIn = this.#account !== null;
    const account = this.#account && {
      corporation_number: data.CORPORATION_NUMBER,
      corporation_name: data.CORPORATION_NAME,
      login_id: data.LOGIN_ID,
      role: 'corporation',
      must_change_password: this.#account.mustChange,
      second_factor: this.#secondFactor === 'on',
      offices: structuredClone(data.OFFICES),
    };
    return {
      version: '0.1.0',
      relay_url: this.#relay,
      account,
      accounts: account ? [account] : [],
      onboarding_under_way: this.#start.started,
      connection: {
        state: this.#offline ? 'offline' : signedIn ? 'online' : 'signed_out',
        last_answer: inJapan(this.#lastAnswer),
        last_contact: inJapan(this.#lastAnswer - 4 * 60_000),
        problem: this.#offline ? { ...data.PROBLEMS.unreachable } : null,
      },
      demo: {
        now,
        milestones: data.MILESTONES.filter(({ at }) => Date.parse(at) > this.#now),
      },
      today: now.slice(0, 10),
      window: windowAt(now.slice(0, 10)),
      clock_off: this.everyday.clockOff,
      new_version: this.everyday.announces ? (this.everyday.update?.version ?? null) : null,
      unread_notices: this.#notices.filter((content) => content.notice.unread).length,
      open_returns: this.#returns.filter((row) => row.state === 'open' && row.route !== 'wait').length,
    };
  }
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Problem(data.PROBLEMS.unknownFile);
  return value;
}

function paper(what: string, sha256: string, extension: string): SavedView {
  return saved(`${what}_${sha256.slice(0, 8)}.${extension}`);
}

function saved(file: string): SavedView {
  return { path: `/fake/Documents/とどけ/${file}`, file };
}

/** The three steps, of which those up to `done` are over. */
function steps(done: number, at: number[]): StepView[] {
  return ['送信', '到達', '受付'].map((name, index) => ({
    name,
    state: index <= done ? 'done' : index === done + 1 ? 'current' : 'waiting',
    at: index <= done ? inJapan(at[index] ?? 0) : null,
  }));
}

/** The claim window: the 1st to the 10th. The fake knows no holidays. */
function windowAt(today: string): WindowView {
  const [year, month, day] = today.split('-').map(Number) as [number, number, number];
  const open = day <= 10;
  const first = new Date(Date.UTC(year, open ? month - 1 : month, 1));
  const processing = first.toISOString().slice(0, 7);
  const edge = open ? `${processing}-10` : `${processing}-01`;
  return {
    processing_month: processing,
    opens: `${processing}-01`,
    closes: `${processing}-10`,
    open,
    days_left: (Date.parse(edge) - Date.parse(today)) / 86_400_000,
    safe_until: `${processing}-10T17:00:00+09:00`,
  };
}
