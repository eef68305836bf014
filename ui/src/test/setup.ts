import '@testing-library/jest-dom/vitest';

import { cleanup } from '@testing-library/svelte';
import { afterEach } from 'vitest';

// jsdom lays nothing out, so it has no scrolling.
Element.prototype.scrollIntoView = () => {};
// Nothing has a size in it that could change.
globalThis.ResizeObserver = class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
// It draws nothing either; axe asks for a canvas to look at icon fonts, of which there are none.
HTMLCanvasElement.prototype.getContext = () => null;

afterEach(() => {
  cleanup();
  localStorage.clear();
  location.hash = '';
  document.documentElement.removeAttribute('data-size');
});

// Nothing has a size without a browser, so that there is nothing to observe.
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
