/** True for an Enter that a person meant, false for one that only confirms kana-kanji conversion. */
export function isDeliberateEnter(event: KeyboardEvent): boolean {
  // WebKit reports the confirming Enter after the composition has ended; only the old key code tells it apart.
  return event.key === 'Enter' && !event.isComposing && event.keyCode !== 229;
}

/** Attachment for a form: an Enter that only confirms a conversion does not submit it. */
export function ignoreComposingEnter(form: HTMLFormElement): () => void {
  const guard = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !isDeliberateEnter(event)) event.preventDefault();
  };
  form.addEventListener('keydown', guard);
  return () => form.removeEventListener('keydown', guard);
}
