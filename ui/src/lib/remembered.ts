/**
 * What the window remembers on this computer from one start to the next: where one was and what one looked at. Only ways of
 * looking are kept here; records and secrets never are.
 */
type Name = 'office' | 'place' | 'worklist' | 'date-style' | 'display-size';

const key = (name: Name) => `todoke.${name}`;

/** Returns what was remembered, or `null`. */
export function remembered(name: Name): string | null {
  return localStorage.getItem(key(name));
}

/** Remembers a value; `null` forgets it. */
export function remember(name: Name, value: string | null): void {
  if (value === null) localStorage.removeItem(key(name));
  else localStorage.setItem(key(name), value);
}
