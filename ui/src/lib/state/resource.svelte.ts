import { toProblem, type Problem } from '$lib/backend';

/** Something fetched from the backend: its latest value, and whether the last fetch failed. */
export class Resource<T> {
  /** The latest value; stays when a later fetch fails, so that everything remains readable. */
  value = $state.raw<T | null>(null);
  problem = $state.raw<Problem | null>(null);
  loading = $state(false);

  readonly #fetch: () => Promise<T>;
  #latest = 0;

  constructor(fetch: () => Promise<T>) {
    this.#fetch = fetch;
  }

  /** Fetches again. Of fetches that overlap only the last one counts. */
  async refresh(): Promise<void> {
    const ticket = ++this.#latest;
    this.loading = true;
    try {
      const value = await this.#fetch();
      if (ticket !== this.#latest) return;
      this.value = value;
      this.problem = null;
    } catch (cause) {
      if (ticket === this.#latest) this.problem = toProblem(cause);
    } finally {
      if (ticket === this.#latest) this.loading = false;
    }
  }

  /** Forgets the value, as after signing out. */
  clear(): void {
    this.#latest += 1;
    this.value = null;
    this.problem = null;
    this.loading = false;
  }
}
