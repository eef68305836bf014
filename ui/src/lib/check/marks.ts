import type { BlockView, FindingView } from '$lib/backend';

const place = (line: number, item: number) => `${line}.${item}`;

/** The findings of a form by the field that they point at. */
export class Marks {
  readonly #fields = new Map<string, FindingView[]>();

  constructor(findings: readonly FindingView[]) {
    for (const finding of findings) {
      if (finding.item === 0) continue;
      const at = place(finding.line, finding.item);
      this.#fields.set(at, [...(this.#fields.get(at) ?? []), finding]);
    }
  }

  /** The gravest finding of a field: errors come first. */
  at(line: number, item: number): FindingView | undefined {
    return this.#fields.get(place(line, item))?.[0];
  }

  /** Every finding whose field stands in a block. */
  of(block: BlockView): FindingView[] {
    return block.rows.flatMap((row) => row.cells.flatMap((cell) => this.#fields.get(place(row.line, cell.item)) ?? []));
  }
}
