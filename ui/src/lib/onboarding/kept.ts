import { toProblem, type Problem } from '$lib/backend';

/** Milliseconds of quiet after which what was typed is kept. Leaving a field or a form keeps it at once. */
const QUIET = 600;

/** A form whose fields are kept as they are typed and told what is wrong with them once they were left. */
export interface Form {
  /** What is wrong with a field, once it was left or the form was to be sent. */
  error(field: string): string | undefined;
  /** What the program made of a field. */
  note(field: string): string | undefined;
  /** Something was typed. */
  changed(): void;
  /** A field was left. */
  left(field: string): void;
  /** Keeps what was typed now. */
  keep(): Promise<void>;
}

/** Keeps what is typed: after a moment of quiet, or when asked to. Several at once go one after the other. */
export class Keeper<T> {
  #dirty = false;
  #pending = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> = Promise.resolve();
  readonly #snapshot: () => T;
  readonly #save: (value: T) => Promise<void>;
  readonly #failed: (problem: Problem) => void;

  constructor(snapshot: () => T, save: (value: T) => Promise<void>, failed: (problem: Problem) => void) {
    this.#snapshot = snapshot;
    this.#save = save;
    this.#failed = failed;
  }

  /** Whether something was typed that is not kept yet: what the program says meanwhile is older. */
  get dirty(): boolean {
    return this.#dirty || this.#pending > 0;
  }

  /** Something was typed. */
  changed(): void {
    this.#dirty = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.keep(), QUIET);
  }

  /** Hands over what was typed, and ends once everything handed over so far is kept. */
  keep(): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.#dirty) return this.#saving;
    this.#dirty = false;
    const value = this.#snapshot();
    this.#pending += 1;
    this.#saving = this.#saving.then(async () => {
      try {
        await this.#save(value);
      } catch (cause) {
        this.#dirty = true;
        this.#failed(toProblem(cause));
      } finally {
        this.#pending -= 1;
      }
    });
    return this.#saving;
  }
}
