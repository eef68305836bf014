import { SvelteMap, SvelteSet } from 'svelte/reactivity';

import {
  toProblem,
  type Backend,
  type Choice,
  type DecidedView,
  type Problem,
  type WorkPageView,
  type WorkQuery,
  type WorkRowView,
} from '$lib/backend';

import { remember, remembered } from '$lib/remembered';

/** Rows fetched at a time. Few enough that taking them in leaves time for the frame in which they arrive. */
const PIECE = 50;

/** A query that narrows nothing. */
export const EMPTY_QUERY: WorkQuery = {
  tab: 'mine',
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
  sort: 'due',
  descending: false,
};

/** Returns the query that was looked at last; what a later version added is as usual. */
function queryBefore(): WorkQuery {
  try {
    const before = JSON.parse(remembered('worklist') ?? '{}') as Partial<WorkQuery>;
    return { ...EMPTY_QUERY, ...before };
  } catch {
    return EMPTY_QUERY;
  }
}

/** The worklist as a table sees it: rows are fetched where they come into sight, and chosen ones are kept by their key. */
export class Worklist {
  query = $state.raw<WorkQuery>(queryBefore());
  /** Sums and tabs of what the query finds; stays while a new answer is on its way. */
  page = $state.raw<WorkPageView | null>(null);
  problem = $state.raw<Problem | null>(null);
  /** What the last decision did, with what takes it back. */
  decided = $state.raw<DecidedView | null>(null);
  /** Why the last decision was refused. */
  refused = $state.raw<Problem | null>(null);
  busy = $state(false);
  /** Rows by their position. */
  readonly rows = new SvelteMap<number, WorkRowView>();
  /** Keys of the rows that a person has marked. */
  readonly marked = new SvelteSet<string>();

  readonly #backend: Backend;
  /** Pieces that were asked for. */
  #asked: boolean[] = [];
  #generation = 0;
  #seen: [number, number] = [0, 40];

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Narrows or sorts anew; what was marked is kept only while it can be seen to be marked. */
  show(change: Partial<WorkQuery>): void {
    this.query = { ...this.query, ...change };
    remember('worklist', JSON.stringify(this.query));
    this.marked.clear();
    void this.refresh();
  }

  /** Fetches again what is in sight. */
  async refresh(): Promise<void> {
    this.#generation += 1;
    this.#asked = [];
    await this.#fetch(Math.floor(this.#seen[0] / PIECE), true);
    if (this.problem === null) await this.see(...this.#seen);
  }

  /** Fetches the rows from `first` to `last` that are not here yet. */
  async see(first: number, last: number): Promise<void> {
    this.#seen = [first, last];
    const pieces: Promise<void>[] = [];
    for (let piece = Math.floor(first / PIECE); piece <= Math.floor(last / PIECE); piece += 1) {
      if (!this.#asked[piece] && piece * PIECE < (this.page?.total ?? 1)) pieces.push(this.#fetch(piece, false));
    }
    await Promise.all(pieces);
  }

  /** Decides the same about several items. Returns whether it was done. */
  async decide(keys: string[], choice: Choice): Promise<boolean> {
    return this.#act(() => this.#backend.decideReturns(keys, choice));
  }

  /** Takes decisions back. */
  async undo(ids: number[]): Promise<boolean> {
    return this.#act(() => this.#backend.undoDecisions(ids));
  }

  mark(key: string, on: boolean): void {
    if (on) this.marked.add(key);
    else this.marked.delete(key);
  }

  async #act(act: () => Promise<DecidedView>): Promise<boolean> {
    this.busy = true;
    this.refused = null;
    try {
      this.decided = await act();
      this.marked.clear();
      await this.refresh();
      return true;
    } catch (cause) {
      this.refused = toProblem(cause);
      return false;
    } finally {
      this.busy = false;
    }
  }

  async #fetch(piece: number, anew: boolean): Promise<void> {
    const generation = this.#generation;
    this.#asked[piece] = true;
    try {
      const page = await this.#backend.worklist(this.query, piece * PIECE, PIECE);
      if (generation !== this.#generation) return;
      if (anew) this.rows.clear();
      page.rows.forEach((row, index) => this.rows.set(piece * PIECE + index, row));
      this.page = page;
      this.problem = null;
    } catch (cause) {
      if (generation !== this.#generation) return;
      this.#asked[piece] = false;
      this.problem = toProblem(cause);
    }
  }
}
