import { SvelteSet } from 'svelte/reactivity';

import type { Change, ChangeRequest, Pasted, Remark } from '$lib/backend';

import { Keeper, type Form } from './kept';
import { emptyDraft, type Wizard } from './wizard.svelte';

/** What a clerk is asking for later: kept as it is typed, like the form of the first application. */
export class ChangeForm implements Form {
  request = $state<ChangeRequest>({
    change: null,
    offices: [],
    numbers: [],
    corporation: emptyDraft().corporation,
  });

  readonly #wizard: Wizard;
  readonly #seen = new SvelteSet<string>();
  readonly #keeper: Keeper<ChangeRequest>;
  #tried = $state(false);

  constructor(wizard: Wizard) {
    this.#wizard = wizard;
    this.#keeper = new Keeper(
      () => $state.snapshot(this.request),
      async (request) => {
        wizard.take(await wizard.backend.saveChange(request));
      },
      (problem) => (wizard.problem = problem),
    );
  }

  get #remarks(): readonly Remark[] {
    return this.#wizard.view?.change_remarks ?? [];
  }

  /** How many fields are still to be filled or mended. */
  get open(): number {
    return this.#remarks.filter((remark) => remark.blocks).length;
  }

  error(field: string): string | undefined {
    const remark = this.#remarks.find((one) => one.field === field && one.blocks);
    return remark && (this.#tried || this.#seen.has(field)) ? remark.text : undefined;
  }

  note(field: string): string | undefined {
    return this.#remarks.find((one) => one.field === field && !one.blocks)?.text;
  }

  changed(): void {
    this.#keeper.changed();
  }

  left(field: string): void {
    this.#seen.add(field);
    void this.keep();
  }

  keep(): Promise<void> {
    return this.#keeper.keep();
  }

  /** Takes what was kept, unless something newer was typed. */
  take(kept: ChangeRequest): void {
    if (!this.#keeper.dirty) this.request = structuredClone(kept);
  }

  /** Begins a change, or puts it aside; what was typed for it stays. */
  async choose(change: Change | null): Promise<void> {
    this.#tried = false;
    this.#seen.clear();
    this.request.change = change;
    this.request.numbers = [];
    this.changed();
    await this.keep();
  }

  async paste(text: string): Promise<Pasted> {
    const answer = await this.#wizard.backend.pasteChangeOffices(text);
    this.#wizard.take(answer.onboarding);
    this.take(answer.onboarding.change);
    // What was pasted was not typed here: it is told at once what is wrong with it.
    this.#tried = true;
    return answer.pasted;
  }

  /** Sends what was asked for, unless something is wrong with it; returns whether it was sent. */
  async send(): Promise<boolean> {
    await this.keep();
    this.#tried = true;
    if (this.open > 0) return false;
    const view = await this.#wizard.backend.requestChange($state.snapshot(this.request));
    this.#wizard.take(view);
    this.take(view.change);
    this.#tried = false;
    this.#seen.clear();
    return true;
  }
}
