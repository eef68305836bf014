import type { WorkRowView } from '$lib/backend';
import type { Tone } from '$lib/messages';

/** How the kind of an item is shown: what is over is calm, what waits is blue-grey, what was returned is red. */
export function kindTone(row: Pick<WorkRowView, 'kind' | 'state' | 'route'>): Tone {
  if (row.state === 'settled' || row.state === 'closed') return 'done';
  if (row.state === 'lapsed') return 'neutral';
  if (row.kind === 'held') return 'wait';
  return row.kind === 'returned' ? 'error' : 'attention';
}

/** How the state of an item is shown. */
export function stateTone(row: Pick<WorkRowView, 'kind' | 'state' | 'route'>): Tone {
  const tones: Record<string, Tone> = {
    open: row.route === 'wait' ? 'wait' : 'attention',
    held: 'wait',
    reclaimed: 'wait',
    settled: 'done',
    closed: 'done',
    lapsed: 'neutral',
  };
  return tones[row.state] ?? 'neutral';
}
