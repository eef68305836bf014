import { createContext } from 'svelte';
import { SvelteSet } from 'svelte/reactivity';

import {
  toProblem,
  type Backend,
  type Draft,
  type Office,
  type OnboardingView,
  type Problem,
  type StepId,
  type Task,
} from '$lib/backend';

import { Keeper, type Form } from './kept';

/** Steps with a form: they stay open until the clerk goes on, however complete they are. */
const FORMS: readonly StepId[] = ['route', 'call', 'filing', 'user_ids', 'corporation', 'month', 'apply'];

/** A form with nothing in it. */
export function emptyDraft(): Draft {
  return {
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
}

/** An office with nothing in it. */
export function emptyOffice(): Office {
  return { number: '', name: '', postal_code: '', address: '', user_id: '', user_id_again: '' };
}

/** What the screens of 利用開始 share: the form as it is typed, and what the program says of it. */
export class Wizard implements Form {
  view = $state.raw<OnboardingView | null>(null);
  draft = $state<Draft>(emptyDraft());
  problem = $state.raw<Problem | null>(null);
  /** Name of what runs now. */
  busy = $state<string | null>(null);
  /** Where papers of this session lie. */
  saved = $state.raw<{ path: string; file: string }[]>([]);
  /** Step that a person opened; `null` shows the one to do. */
  chosen = $state<StepId | null>(null);

  readonly backend: Backend;
  readonly #seen = new SvelteSet<string>();
  readonly #tried = new SvelteSet<StepId>();
  readonly #keeper: Keeper<Draft>;

  constructor(backend: Backend) {
    this.backend = backend;
    this.#keeper = new Keeper(
      () => $state.snapshot(this.draft),
      async (draft) => {
        this.take(await this.backend.saveOnboarding(draft));
        this.problem = null;
      },
      (problem) => (this.problem = problem),
    );
  }

  /** The step shown. */
  get step(): StepId {
    const known = this.view?.steps.some((step) => step.id === this.chosen);
    return (known ? this.chosen : null) ?? this.view?.open ?? 'route';
  }

  async load(): Promise<void> {
    try {
      this.take(await this.backend.onboarding());
      this.problem = null;
    } catch (cause) {
      this.problem = toProblem(cause);
    }
  }

  error(field: string): string | undefined {
    const remark = this.view?.remarks.find((one) => one.field === field && one.blocks);
    return remark && (this.#seen.has(field) || this.#tried.has(remark.step)) ? remark.text : undefined;
  }

  note(field: string): string | undefined {
    return this.view?.remarks.find((one) => one.field === field && !one.blocks)?.text;
  }

  /** How many fields of a step are still to be filled or mended. */
  open(step: StepId): number {
    return this.view?.remarks.filter((remark) => remark.step === step && remark.blocks).length ?? 0;
  }

  left(field: string): void {
    this.#seen.add(field);
    void this.keep();
  }

  changed(): void {
    this.#keeper.changed();
  }

  keep(): Promise<void> {
    return this.#keeper.keep();
  }

  /** Goes to the next thing to do; when the step is not complete, says what is missing and stays. */
  async next(step: StepId): Promise<boolean> {
    await this.keep();
    this.#tried.add(step);
    if (this.open(step) > 0) return false;
    this.follow();
    return true;
  }

  /** Shows the thing to do now; a form stays from then on. */
  follow(): void {
    const open = this.view?.open ?? null;
    this.chosen = open !== null && FORMS.includes(open) ? open : null;
  }

  async show(step: StepId): Promise<void> {
    await this.keep();
    this.chosen = step;
  }

  /** Ticks what only a person can say to be done, or takes the tick back. */
  async tick(task: Task, day: string | null): Promise<void> {
    const others = Object.entries(this.draft.ticked).filter(([ticked]) => ticked !== task);
    this.draft.ticked = Object.fromEntries(day === null ? others : [...others, [task, day]]);
    this.changed();
    await this.keep();
    this.follow();
  }

  /** Runs something that answers with the wizard. */
  async run(name: string, action: () => Promise<OnboardingView>): Promise<boolean> {
    if (this.busy !== null) return false;
    await this.keep();
    this.busy = name;
    this.problem = null;
    try {
      this.take(await action());
      return true;
    } catch (cause) {
      this.problem = toProblem(cause);
      return false;
    } finally {
      this.busy = null;
    }
  }

  /** Runs something that answers with papers. */
  async print(name: string, action: () => Promise<{ path: string; file: string }[]>): Promise<void> {
    if (this.busy !== null) return;
    await this.keep();
    this.busy = name;
    this.problem = null;
    try {
      this.saved = await action();
    } catch (cause) {
      this.problem = toProblem(cause);
    } finally {
      this.busy = null;
    }
  }

  /** Takes an answer, unless a newer one overtook it. What was typed since it was asked for stays. */
  take(view: OnboardingView): void {
    if (this.view !== null && view.revision < this.view.revision) return;
    const first = this.view === null;
    this.view = view;
    if (first) this.follow();
    if (!this.#keeper.dirty) this.draft = structuredClone(view.draft);
  }
}

export const [getWizard, setWizard] = createContext<Wizard>();
