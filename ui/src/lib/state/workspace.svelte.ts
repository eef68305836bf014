import { createContext } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';

import {
  toProblem,
  type Backend,
  type CheckView,
  type CheckingView,
  type FrameView,
  type NoticeView,
  type PracticeView,
  type Problem,
  type SubmissionView,
  type Topic,
  type WorkPageView,
} from '$lib/backend';
import { EMPTY_QUERY } from '$lib/returns/worklist.svelte';
import { remember, remembered } from '$lib/remembered';
import { Router } from '$lib/router.svelte';

import { Resource } from './resource.svelte';

/** What of the worklist needs somebody soon: its first rows, and how much there is. */
export interface Urgent {
  fix: WorkPageView;
  limitation: WorkPageView;
}

/** Rows of each kind that the home screen can show. */
const URGENT_ROWS = 7;

/** What all screens share: the frame, the lists, the files laid on the desk, and the office looked at. */
export class Workspace {
  readonly backend: Backend;
  readonly router = new Router();
  readonly submissions: Resource<SubmissionView[]>;
  readonly notices: Resource<NoticeView[]>;
  readonly urgent: Resource<Urgent>;

  frame = $state.raw<FrameView | null>(null);
  /** What this practice is played with; `null` in the program with real data. */
  practice = $state.raw<PracticeView | null>(null);
  /** Why the frame could not be fetched at all, for example because the database is damaged. */
  frameProblem = $state.raw<Problem | null>(null);
  #office = $state<string | null>(remembered('office'));
  /** The sign-in page was asked for although somebody is signed in, because the relay no longer knows the password. */
  signingIn = $state(false);
  /** 利用開始 was chosen or left before anybody has an ID; `null` until then, which goes on where it was. */
  starting = $state<boolean | null>(null);
  /** Files checked and not yet sent, latest first. Kept here so that leaving the screen loses nothing. */
  checks = $state.raw<CheckView[]>([]);
  /** How far the check at hand has come. */
  checking = $state.raw<CheckingView | null>(null);
  /** Paths of receipts written in this session, by submission. */
  readonly receipts = new SvelteMap<string, string>();
  /** What the live region says. */
  announcement = $state('');
  #takingDropped = false;
  /** Milliseconds since 1970 at the last tick of the window's clock. */
  #clock = $state(Date.now());

  constructor(backend: Backend) {
    this.backend = backend;
    this.submissions = new Resource(() => backend.submissions());
    this.notices = new Resource(() => backend.notices());
    this.urgent = new Resource(async () => {
      const ask = (tab: string) => backend.worklist({ ...EMPTY_QUERY, tab, office: this.office }, 0, URGENT_ROWS);
      const [fix, limitation] = await Promise.all([ask('fix'), ask('limitation')]);
      return { fix, limitation };
    });
  }

  /** 事業所番号 of the office looked at; `null` for all. */
  get office(): string | null {
    return this.#office;
  }

  set office(office: string | null) {
    this.#office = office;
    remember('office', office);
  }

  /** The present moment: that of the demonstration when there is one. */
  get now(): number {
    const demo = this.frame?.demo;
    return demo ? Date.parse(demo.now) : this.#clock;
  }

  /** Whether somebody is signed in with a password of their own. */
  get ready(): boolean {
    const account = this.frame?.account;
    return account !== null && account !== undefined && !account.must_change_password;
  }

  get offline(): boolean {
    const state = this.frame?.connection.state;
    return state === 'offline' || state === 'faulty';
  }

  /** Begins to follow the backend and the address; returns how to stop. */
  start(): () => void {
    const stopRouter = this.router.start();
    const stopTopics = this.backend.onChanged((topic) => void this.#follow(topic));
    const timer = setInterval(() => {
      this.#clock = Date.now();
    }, 30_000);
    void this.refreshFrame();
    void this.#askPractice();
    return () => {
      stopRouter();
      stopTopics();
      clearInterval(timer);
    };
  }

  /** What runs as a practice stays one; a question that fails leaves it without its files, but with its band. */
  async #askPractice(): Promise<void> {
    this.practice = await this.backend.practice().catch(() => null);
  }

  async refreshFrame(): Promise<void> {
    try {
      this.show(await this.backend.frame());
    } catch (cause) {
      this.frameProblem = toProblem(cause);
    }
  }

  /** Takes a frame that a command returned. */
  show(frame: FrameView): void {
    const signedInBefore = this.ready;
    this.frame = frame;
    this.frameProblem = null;
    const offices = frame.account?.offices;
    // Before anybody is known, nothing is known of the offices either.
    if (offices && this.office && !offices.some((office) => office.number === this.office)) this.office = null;
    // Files given to the program before anybody signed in wait on the Rust side until now.
    if (this.ready && !signedInBefore)
      void this.#refreshLists()
        .then(() => this.takeDropped())
        .then(() => this.takeFound());
    if (!frame.account) this.#forget();
  }

  async refreshAll(): Promise<void> {
    await this.refreshFrame();
    if (this.ready) await this.#refreshLists();
  }

  /** Fetches the checks of files that were dropped on the window and leads to them. */
  async takeDropped(): Promise<void> {
    if (!this.ready) return;
    this.#takingDropped = true;
    try {
      const dropped = await this.backend.takeDropped();
      if (dropped.length === 0) return;
      this.lay(dropped);
      this.router.go('send');
    } catch (cause) {
      this.announce(toProblem(cause).message);
    } finally {
      this.#takingDropped = false;
    }
  }

  /** Fetches the checks of files that the watched folder got. Whoever is at work elsewhere is told, not led away. */
  async takeFound(): Promise<void> {
    if (!this.ready) return;
    try {
      const found = await this.backend.takeFound();
      if (found.length > 0) this.lay(found);
    } catch (cause) {
      this.announce(toProblem(cause).message);
    }
  }

  /** Lays checked files on the sending screen; the same file laid again takes the place of the former. */
  lay(checks: CheckView[]): void {
    const paths = checks.map((check) => check.path);
    this.checks = [...checks, ...this.checks.filter((check) => !paths.includes(check.path))];
    const sendable = checks.filter((check) => check.sendable).length;
    this.announce(
      `${checks.length}件のファイルを確認しました。送れるもの${sendable}件、送れないもの${checks.length - sendable}件です。`,
    );
  }

  /** Takes a file off the sending screen; the file itself stays where it is. */
  takeAway(check: CheckView): void {
    this.checks = this.checks.filter((other) => other !== check);
  }

  announce(message: string): void {
    // The same sentence twice in a row must be read twice.
    this.announcement = message === this.announcement ? `${message}\u200b` : message;
  }

  /** Name of an office for reading; its number when the name is unknown here. */
  officeName(number: string): string {
    return this.frame?.account?.offices.find((office) => office.number === number)?.name ?? number;
  }

  /** Whether rows of this office are looked at. */
  shows(office: string): boolean {
    // お知らせ to a whole prefecture carry its two digits and eight asterisks.
    const toAll = office.endsWith('********') && this.office?.startsWith(office.slice(0, 2));
    return this.office === null || this.office === office || toAll === true;
  }

  async #follow(topic: Topic): Promise<void> {
    if (topic === 'frame') return this.refreshFrame();
    if (!this.ready) return;
    if (topic === 'checking') {
      this.checking = await this.backend.checking();
      // A large file that was dropped elsewhere is waited for where its progress shows.
      if (this.checking && this.#takingDropped) this.router.go('send');
      return;
    }
    if (topic === 'dropped') return this.takeDropped();
    if (topic === 'found') return this.takeFound();
    if (topic === 'import') return;
    if (topic === 'submissions') return this.submissions.refresh();
    if (topic === 'notices') {
      await Promise.all([this.notices.refresh(), this.refreshFrame()]);
      return;
    }
    await Promise.all([this.urgent.refresh(), this.refreshFrame()]);
  }

  async #refreshLists(): Promise<void> {
    await Promise.all([this.submissions.refresh(), this.notices.refresh(), this.urgent.refresh()]);
  }

  #forget(): void {
    for (const list of [this.submissions, this.notices, this.urgent]) list.clear();
    this.checks = [];
    this.receipts.clear();
  }
}

const [getWorkspace, setWorkspace] = createContext<Workspace>();

export { getWorkspace, setWorkspace };
