/** Where rows of different heights stand, one below the other. Lengths are in one unit of the caller's choice. */
export class Column {
  /** Upper edge of each row, and the lower edge of the last one. */
  readonly #edges: Float64Array;

  constructor(heights: readonly number[]) {
    this.#edges = new Float64Array(heights.length + 1);
    for (const [index, height] of heights.entries()) this.#edges[index + 1] = (this.#edges[index] ?? 0) + height;
  }

  get height(): number {
    return this.#edges.at(-1) ?? 0;
  }

  /** Upper edge of a row. */
  top(index: number): number {
    return this.#edges[index] ?? this.height;
  }

  /** The rows that touch the stretch from `top` on, with a few more on either side: first, and one behind the last. */
  within(top: number, height: number, beyond = 4): [first: number, end: number] {
    const count = this.#edges.length - 1;
    return [
      Math.max(0, this.#rowAt(top) - beyond),
      Math.min(count, this.#rowAt(Math.max(top, top + height)) + 1 + beyond),
    ];
  }

  /** How far to scroll so that a row is seen whole in a stretch that begins at `top` now. */
  reveal(index: number, top: number, height: number): number {
    const [upper, lower] = [this.top(index), this.top(index + 1)];
    if (upper < top) return upper;
    return lower > top + height ? lower - height : top;
  }

  #rowAt(position: number): number {
    let low = 0;
    let high = this.#edges.length - 2;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#edges[middle] ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }
}
