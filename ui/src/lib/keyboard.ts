/** True for an Enter that a person meant, false for one that only confirms kana-kanji conversion. */
export function isDeliberateEnter(event: KeyboardEvent): boolean {
  // WebKit reports the confirming Enter after the composition has ended; only the old key code tells it apart.
  return event.key === 'Enter' && !event.isComposing && event.keyCode !== 229;
}

/** Keeps an Enter that only confirms a conversion from submitting the form around it. */
export function ignoreComposingEnter(event: KeyboardEvent): void {
  if (event.key === 'Enter' && !isDeliberateEnter(event)) event.preventDefault();
}
