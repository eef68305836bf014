import { remember, remembered } from './remembered';

/** Display sizes in percent that a person can choose. */
export const DISPLAY_SIZES = ['100', '125', '150', '200'] as const;

export type DisplaySize = (typeof DISPLAY_SIZES)[number];

/** Returns the chosen display size; 100 until one is chosen. */
export function displaySize(): DisplaySize {
  const stored = remembered('display-size');
  return DISPLAY_SIZES.find((size) => size === stored) ?? '100';
}

/** Shows everything in the given size and remembers it on this computer. */
export function applyDisplaySize(size: DisplaySize = displaySize()): void {
  document.documentElement.dataset.size = size;
  remember('display-size', size);
}
