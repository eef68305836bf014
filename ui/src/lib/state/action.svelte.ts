import { toProblem, type Problem } from '$lib/backend';

/** What a person sets off, one thing at a time: whether it is under way, and what stood in the way of the last one. */
export class Action {
  busy = $state(false);
  /** Stays until something is set off again. */
  problem = $state.raw<Problem | null>(null);

  /** Does `work`, unless something is under way already: a second click is no second wish. Returns whether it was done. */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.problem = null;
    try {
      await work();
      return true;
    } catch (cause) {
      this.problem = toProblem(cause);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
