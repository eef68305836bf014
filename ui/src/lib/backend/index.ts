import type {
  AlarmView,
  AnalysisView,
  BankView,
  BoardView,
  ChangeRequest,
  CheckView,
  CheckingView,
  Choice,
  DecidedView,
  DepositView,
  DifferenceView,
  Draft,
  Enquiry,
  ExportRequest,
  CopyView,
  FrameView,
  HealthView,
  ImportPreviewView,
  ImportProgressView,
  ImportView,
  KagoDays,
  LettersView,
  LockView,
  LoginView,
  NoticeContentView,
  NoticeView,
  OfficeAreaView,
  OfficeMonthView,
  OnboardingView,
  PaperForm,
  PartView,
  PastedView,
  Preferences,
  RecentFileView,
  PictureView,
  PracticeView,
  RescueView,
  ResetCodeView,
  RollView,
  SavedFilterView,
  SavedView,
  SecondFactorView,
  SentClaimsView,
  SentQuery,
  SheetView,
  SubmissionView,
  UpdateView,
  WatchView,
  WorkItemView,
  WorkPageView,
  WorkQuery,
} from './bindings';

export type * from './bindings';
export { Problem, toProblem } from './problem';

/** What can change behind the screens. */
export const TOPICS = [
  'frame',
  'submissions',
  'notices',
  'returns',
  'import',
  'checking',
  'onboarding',
  'found',
  'dropped',
] as const;

export type Topic = (typeof TOPICS)[number];

/** Stops what was started. */
export type Stop = () => void;

/**
 * Everything that the screens can ask for. Each method fails with a `Problem` only.
 *
 * Months are `YYYY-MM`, dates `YYYY-MM-DD`, times RFC 3339 in Japan time, money whole yen.
 */
export interface Backend {
  /** Returns what the frame shows; works offline. */
  frame(): Promise<FrameView>;
  /** Changes the address of the relay. */
  setRelay(url: string): Promise<FrameView>;
  /** Signs in; the password goes straight to the keychain. `code` is one of the second factor, where it was asked for. */
  logIn(corporationNumber: string, loginId: string, password: string, code: string | null): Promise<FrameView>;
  /** Sets a new password with a one-time code, and signs in. */
  resetPassword(corporationNumber: string, loginId: string, code: string, newPassword: string): Promise<FrameView>;
  /** Signs this ID out on every other computer. */
  signOutElsewhere(): Promise<FrameView>;
  /** Prepares a second factor; it is in force once a code was confirmed. */
  setUpSecondFactor(): Promise<SecondFactorView>;
  /** Puts the second factor in force; returns its recovery codes, which are shown once. */
  confirmSecondFactor(code: string): Promise<string[]>;
  /** Ends the second factor, with a code of it. */
  endSecondFactor(code: string): Promise<FrameView>;
  /** Lists the IDs of the corporation; none for a 事業所用ID. */
  logins(): Promise<LoginView[]>;
  /** Makes a one-time code to be told to the person of a 事業所用ID. */
  issueResetCode(loginId: string): Promise<ResetCodeView>;
  /** Replaces the password; the present one is in the keychain. */
  changePassword(newPassword: string): Promise<FrameView>;
  /** Signs out and forgets the password. */
  logOut(): Promise<FrameView>;
  /** Opens the file dialog and checks what was chosen; empty when the dialog was cancelled. */
  chooseFiles(): Promise<CheckView[]>;
  /** Checks files again that a person gave before; stores nothing. */
  checkFiles(paths: string[]): Promise<CheckView[]>;
  /** Tells how far a check has come; `null` while nothing is checked. */
  checking(): Promise<CheckingView | null>;
  /** Stops checking; what was done so far is handed over to whoever asked for it. */
  stopChecking(): Promise<null>;
  /** Lists the parts of a file that was checked or sent: control record, 請求書, statements. */
  fileParts(sha256: string): Promise<PartView[]>;
  /** Lays the part in which a line stands out like the paper form. */
  claimSheet(sha256: string, line: number): Promise<SheetView>;
  /** Writes the findings of a check as PDF and opens it. */
  printFindings(sha256: string): Promise<SavedView>;
  /** Writes the findings of a check as CSV and opens it. */
  exportFindings(sha256: string): Promise<SavedView>;
  /** Writes the claim in which a line stands as PDF and opens it. */
  printSheet(sha256: string, line: number): Promise<SavedView>;
  /** Tells how a checked file differs from one that was sent. */
  compareWith(sha256: string, earlier: string): Promise<DifferenceView>;
  /** Lists the 地域区分 of the offices. */
  officeAreas(): Promise<OfficeAreaView[]>;
  /** Sets the 地域区分 of an office from a service month on; `null` takes it back. */
  setOfficeArea(office: string, area: string | null, from: string | null): Promise<OfficeAreaView[]>;
  /** Puts a checked file into the outbox, from where it goes out by itself. */
  stage(path: string, sha256: string): Promise<SubmissionView>;
  /** Lists what was sent or waits, newest first. */
  submissions(): Promise<SubmissionView[]>;
  /** Tries a waiting or failed submission again now. */
  retry(id: string): Promise<SubmissionView>;
  /** Sends a submission again that has ended with nothing accepted: the same bytes, as the next round, once. */
  sendAgain(id: string): Promise<SubmissionView>;
  /** Takes a waiting or refused submission back, a later round to how the one before ended; staging the same file again brings it back. */
  withdraw(id: string): Promise<SubmissionView>;
  /** Asks for the cancellation of what the relay or 国保連 has; how it ended shows in its state. */
  cancel(id: string): Promise<SubmissionView>;
  /** Takes a submission that has ended off the list, or brings it back. */
  hide(id: string, hidden: boolean): Promise<SubmissionView>;
  /** Writes the receipt and opens it. */
  receipt(id: string): Promise<SavedView>;
  /** Fetches states and notices from the relay. */
  syncNow(): Promise<ImportView>;
  /** Takes in notice files from disk. */
  importFiles(paths: string[]): Promise<ImportView>;
  /** Opens the file dialog and takes in the notice files chosen. */
  chooseImport(): Promise<ImportView>;
  /** Lists the notices, newest first. */
  notices(): Promise<NoticeView[]>;
  /** Opens a notice and marks it read. */
  notice(id: string): Promise<NoticeContentView>;
  /** Opens the folder dialog for an import; `null` when it was cancelled. */
  chooseFolder(): Promise<string | null>;
  /** Tells what an import would do; stores nothing. */
  previewImport(paths: string[]): Promise<ImportPreviewView>;
  /** Returns how far the running import is; `null` when none runs. */
  importProgress(): Promise<ImportProgressView | null>;
  /** Returns the paths of an import that was cut off; empty when there is none. */
  unfinishedImport(): Promise<string[]>;
  /** Forgets that an import was cut off. */
  forgetUnfinishedImport(): Promise<void>;
  /** Lists `count` items of the worklist from `offset` on, with sums over everything that the query finds. */
  worklist(query: WorkQuery, offset: number, count: number): Promise<WorkPageView>;
  /** Returns everything about one item of the worklist. */
  workItem(id: string): Promise<WorkItemView>;
  /** Decides the same about several claims, all or none of them. */
  decideReturns(keys: string[], choice: Choice): Promise<DecidedView>;
  /** Takes decisions back. */
  undoDecisions(ids: number[]): Promise<DecidedView>;
  /** Remembers who works on this computer. */
  setPerson(name: string): Promise<string | null>;
  /** Lists the filters that were given a name. */
  savedFilters(): Promise<SavedFilterView[]>;
  /** Saves a filter under a name; `null` forgets the name. */
  saveFilter(name: string, query: WorkQuery | null): Promise<SavedFilterView[]>;
  /** Lists what is missing or does not fit together. */
  alarms(): Promise<AlarmView[]>;
  /** Writes what a query finds and opens it. */
  saveWorklist(query: WorkQuery, form: PaperForm): Promise<SavedView>;
  /** Writes the checklist of the next claim and opens it. */
  saveChecklist(office: string | null, form: PaperForm): Promise<SavedView>;
  /** Writes one sheet per counterparty that must be asked. */
  saveCallSheets(office: string | null): Promise<SavedView[]>;
  /** Returns the board of all offices for a figure. */
  board(figure: string): Promise<BoardView>;
  /** Returns a month of an office: waterfall, persons, notices, closing. */
  officeMonth(office: string, month: string): Promise<OfficeMonthView>;
  /** Returns age, trends and recovery of one office, or of all. */
  analysis(office: string | null): Promise<AnalysisView>;
  /** Writes the paper by which a claim is taken back, and opens it. */
  withdrawalPaper(key: string): Promise<SavedView>;
  /** Lists claims that one office sent, each with the only road by which it can be taken back. */
  sentClaims(query: SentQuery): Promise<SentClaimsView>;
  /** Keeps until when an insurer takes 過誤申立; nothing known forgets it. */
  setKagoDays(insurer: string, days: KagoDays): Promise<void>;
  /** Asks for a bank statement and holds it against the deposits; `null` when the dialog was closed. */
  chooseStatement(office: string | null): Promise<BankView | null>;
  /** Lists the deposits of the last two months and those to come, by day. */
  deposits(office: string | null): Promise<DepositView[]>;
  /** Closes a month of an office, or of all, up to a stage; returns the closed months of that month. */
  closeMonth(office: string | null, month: string, stage: string): Promise<LockView[]>;
  /** Opens a closed month again; the reason is kept. */
  reopenMonth(office: string, month: string, reason: string): Promise<LockView[]>;
  /** Returns the receivables from month to month. */
  rollForward(office: string | null, style: string): Promise<RollView>;
  /** Asks where to save and writes a list there; `null` when the dialog was cancelled. */
  exportList(request: ExportRequest): Promise<SavedView | null>;
  /** Writes a notice as PDF and opens it. */
  noticePaper(id: string): Promise<SavedView>;
  /** Asks where to save what was sent, or a notice, and writes it there unchanged; `null` when the dialog was cancelled. */
  saveOriginal(id: string): Promise<SavedView | null>;
  /** Lists the ids of notices in whose content all words stand: numbers, or names in kana of any kind. */
  noticesNaming(text: string): Promise<string[]>;
  /** Marks notices read without opening them. */
  markNoticesRead(ids: string[]): Promise<void>;
  /** Writes what goes to 国保連 on CD-R while the relay cannot be reached, and opens its folder. */
  rescueKit(): Promise<RescueView>;
  /** Notes that submissions were handed in on CD-R: they are not sent any more, and count as claimed. */
  handedInOnDisc(ids: string[]): Promise<void>;
  /** Returns what this practice is played with; `null` in the program with real data. */
  practice(): Promise<PracticeView | null>;
  /** Opens a practice in a window of its own. */
  beginPractice(): Promise<void>;
  /** Lays a file of the practice on the desk, as if it had been dropped. */
  layPracticeFile(name: string): Promise<void>;
  /** Ends the practice and closes its window. */
  endPractice(): Promise<void>;
  /** Moves the clock of a demonstration. */
  advanceDemo(to: string): Promise<FrameView>;
  /** Acts under another ID of this computer. */
  switchAccount(corporationNumber: string, loginId: string): Promise<FrameView>;
  /** Returns the wizard of 利用開始; works offline. */
  onboarding(): Promise<OnboardingView>;
  /** Keeps what was typed, whole or not, and returns the wizard with its remarks. */
  saveOnboarding(draft: Draft): Promise<OnboardingView>;
  /** Adds offices pasted from a spreadsheet. */
  pasteOffices(text: string): Promise<PastedView>;
  /** Fetches who the operator is, its fees and its days. */
  fetchOperator(): Promise<OnboardingView>;
  /** Sends the application; repeating it never makes a second one. */
  apply(): Promise<OnboardingView>;
  /** Takes the application back while the operator has not begun. */
  withdrawApplication(): Promise<OnboardingView>;
  /** Fetches IDs and temporary passwords; each call makes new passwords. */
  fetchLetters(): Promise<LettersView>;
  /** Writes and opens the 委任状 and the list for the envelope. */
  powerOfAttorneyPapers(): Promise<SavedView[]>;
  /** Writes and opens the plan on one page. */
  planPaper(): Promise<SavedView>;
  /** Writes and opens the plan for calendar programs. */
  planCalendar(): Promise<SavedView>;
  /** Writes and opens the sheet that says that all is done. */
  donePaper(): Promise<SavedView>;
  /** Sends a test file for an office. */
  sendTest(office: string): Promise<SubmissionView>;
  /** Keeps what is asked for later, whole or not, and returns the wizard with the remarks about it. */
  saveChange(request: ChangeRequest): Promise<OnboardingView>;
  /** Adds offices pasted from a spreadsheet to what is asked for later. */
  pasteChangeOffices(text: string): Promise<PastedView>;
  /** Opens the file dialog and keeps the photo of the sealed 委任状 of an office; `null` when it was cancelled. */
  chooseSealedPhoto(office: string): Promise<OnboardingView | null>;
  /** Returns the photo of the sealed 委任状 of an office. */
  sealedPhoto(office: string): Promise<PictureView>;
  /** Writes all those photos as one PDF and opens it. */
  sealedPhotosPaper(): Promise<SavedView>;
  /** Writes the 問い合わせ票 and opens it. */
  enquiryPaper(enquiry: Enquiry): Promise<SavedView>;
  /** Asks the operator for a later change. */
  requestChange(request: ChangeRequest): Promise<OnboardingView>;
  /** Returns what a person set on this computer. */
  preferences(): Promise<Preferences>;
  /** Keeps what a person set; the watched folder and the company's certificate stay what they are. */
  setPreferences(wanted: Preferences): Promise<Preferences>;
  /** Keeps the password of the proxy in the keychain; an empty one forgets it. */
  setProxyPassword(password: string): Promise<void>;
  /** Opens the file dialog for the company's root certificate; `null` when it was cancelled. */
  chooseCompanyRoot(): Promise<Preferences | null>;
  /** Trusts the system's certificates alone again. */
  forgetCompanyRoot(): Promise<Preferences>;
  /** Returns what is known of the watched folder. */
  watched(): Promise<WatchView>;
  /** Opens the folder dialog and watches what was chosen; `null` when it was cancelled. */
  chooseWatchedFolder(): Promise<WatchView | null>;
  /** Watches no folder any more. */
  forgetWatchedFolder(): Promise<WatchView>;
  /** Checks the files that the watched folder got since the last call. */
  takeFound(): Promise<CheckView[]>;
  /** Lists the files that were looked at last; `checkFiles` takes them again. */
  recentFiles(): Promise<RecentFileView[]>;
  /** Looks whether everything works; also when the program cannot be opened. */
  health(): Promise<HealthView>;
  /** Writes サポート用資料 and shows where it lies. */
  supportFile(): Promise<SavedView>;
  /** Lists the copies of the database, latest first. */
  databaseCopies(): Promise<CopyView[]>;
  /** Asks for a newer version; `null` when this is the newest. */
  newerVersion(): Promise<UpdateView | null>;
  /** Fetches and verifies the newer version and installs it; the program ends and opens again. */
  installUpdate(): Promise<void>;
  /** Hands over, once, the checks of files that were dropped on the window or given to the program. */
  takeDropped(): Promise<CheckView[]>;
  /** Calls `listener` whenever something should be fetched again. */
  onChanged(listener: (topic: Topic) => void): Stop;
}
