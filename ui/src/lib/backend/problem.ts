import type { ProblemView } from './bindings';

/** A failure as the backend names it: a stable code, a Japanese sentence, and whether trying again can help. */
export class Problem extends Error {
  readonly code: string;
  readonly retryable: boolean;

  constructor(view: ProblemView) {
    super(view.message);
    this.name = 'Problem';
    this.code = view.code;
    this.retryable = view.retryable;
  }
}

/** Turns whatever was thrown into a problem; a fault of the page itself gets the code of internal faults. */
export function toProblem(cause: unknown): Problem {
  if (cause instanceof Problem) return cause;
  return new Problem({
    code: 'E-1901',
    message:
      'とどけの中で思わぬことが起きました。データは残っています。とどけを開き直してください。続くときは、この番号を添えて運営者へ知らせてください。',
    retryable: true,
  });
}
