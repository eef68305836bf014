import type { BoardRowView, BoardView, StandingView } from '$lib/backend';

/** By what the offices are ordered: their number, the sum of their row, or a month. */
export type Order = 'office' | 'total' | number;

/** Which offices are shown: all, or those with a month that stands so. */
export type Standings = 'all' | StandingView;

/** Returns the rows that a person asked for: whose number or name holds `text`, with a month that stands as asked. */
export function findRows(board: BoardView, text: string, standing: Standings): BoardRowView[] {
  const wanted = text.normalize('NFKC').trim().toLowerCase();
  return board.rows.filter(
    (row) =>
      (wanted === '' ||
        row.office.includes(wanted) ||
        row.office_name.normalize('NFKC').toLowerCase().includes(wanted)) &&
      (standing === 'all' || row.cells.some((cell) => cell?.standing === standing)),
  );
}

/** Orders rows; equal ones by their number, and what has no figure last, so that the order never jumps. */
export function orderRows(rows: BoardRowView[], order: Order, descending: boolean): BoardRowView[] {
  const sign = descending ? -1 : 1;
  const byOffice = (a: BoardRowView, b: BoardRowView) => (a.office < b.office ? -1 : a.office > b.office ? 1 : 0);
  if (order === 'office') return rows.toSorted((a, b) => sign * byOffice(a, b));
  const figure = (row: BoardRowView) => (order === 'total' ? row.total : (row.cells[order]?.yen ?? null));
  return rows.toSorted((a, b) => {
    const [one, other] = [figure(a), figure(b)];
    if (one === null || other === null) return Number(one === null) - Number(other === null) || byOffice(a, b);
    return sign * (one - other) || byOffice(a, b);
  });
}

/** Sums the months of rows. */
export function totalsOf(rows: BoardRowView[], months: number): number[] {
  const totals = new Array<number>(months).fill(0);
  for (const row of rows) row.cells.forEach((cell, at) => (totals[at] = (totals[at] ?? 0) + (cell?.yen ?? 0)));
  return totals;
}

/** Returns the largest amount, of either sign, that stands in rows or in the totals below them: the figure that needs most room. */
export function largestOf(rows: BoardRowView[], totals: number[]): number {
  let [least, most] = [Math.min(...totals), Math.max(...totals)];
  for (const row of rows) {
    least = Math.min(least, row.total);
    most = Math.max(most, row.total);
    for (const cell of row.cells) {
      if (cell && cell.yen < least) least = cell.yen;
      else if (cell && cell.yen > most) most = cell.yen;
    }
  }
  return -least > most ? least : most;
}

/** Rows that are drawn beyond the visible ones, so that scrolling shows no gap. */
const MARGIN = 4;

/** Returns the first row to draw and the one behind the last, for a list scrolled to `top` in a box of `height`. */
export function windowOf(count: number, rowHeight: number, top: number, height: number): [from: number, to: number] {
  const first = Math.floor(top / rowHeight) - MARGIN;
  const last = Math.ceil((top + height) / rowHeight) + MARGIN;
  return [Math.max(0, Math.min(first, count)), Math.max(0, Math.min(last, count))];
}
