/** Makes a value at its first use and keeps it: what a screen may never ask for must not hold up the first page. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
