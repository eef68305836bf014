import type {
  AlarmView,
  BalanceView,
  CheckView,
  Choice,
  DecidedView,
  FrameView,
  ImportPreviewView,
  ImportProgressView,
  ImportView,
  NoticeContentView,
  NoticeView,
  PaperForm,
  SavedFilterView,
  SavedView,
  SubmissionView,
  WorkItemView,
  WorkPageView,
  WorkQuery,
} from './bindings';

export type * from './bindings';
export { Problem, toProblem } from './problem';

/** What can change behind the screens. */
export const TOPICS = ['frame', 'submissions', 'notices', 'returns', 'import', 'dropped'] as const;

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
  /** Signs in; the password goes straight to the keychain. */
  logIn(corporationNumber: string, loginId: string, password: string): Promise<FrameView>;
  /** Replaces the password; the present one is in the keychain. */
  changePassword(newPassword: string): Promise<FrameView>;
  /** Signs out and forgets the password. */
  logOut(): Promise<FrameView>;
  /** Opens the file dialog and checks what was chosen; empty when the dialog was cancelled. */
  chooseFiles(): Promise<CheckView[]>;
  /** Checks files; stores nothing. */
  checkFiles(paths: string[]): Promise<CheckView[]>;
  /** Puts a checked file into the outbox, from where it goes out by itself. */
  stage(path: string, sha256: string): Promise<SubmissionView>;
  /** Lists what was sent or waits, newest first. */
  submissions(): Promise<SubmissionView[]>;
  /** Tries a waiting or failed submission again now. */
  retry(id: string): Promise<SubmissionView>;
  /** Takes a waiting or refused submission back; staging the same file again brings it back. */
  withdraw(id: string): Promise<SubmissionView>;
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
  /** Lists the balance of each office and processing month. */
  balance(): Promise<BalanceView[]>;
  /** Moves the clock of a demonstration. */
  advanceDemo(to: string): Promise<FrameView>;
  /** Hands over, once, the checks of files that were dropped on the window or given to the program. */
  takeDropped(): Promise<CheckView[]>;
  /** Calls `listener` whenever something should be fetched again. */
  onChanged(listener: (topic: Topic) => void): Stop;
}
