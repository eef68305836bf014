import { expect, it } from 'vitest';

import { ignoreComposingEnter, isDeliberateEnter } from './keyboard';

const enter = (init: KeyboardEventInit = {}) =>
  new KeyboardEvent('keydown', { key: 'Enter', cancelable: true, ...init });

it('tells a meant Enter from one that confirms a conversion', () => {
  expect(isDeliberateEnter(enter())).toBe(true);
  expect(isDeliberateEnter(enter({ isComposing: true }))).toBe(false);
  expect(isDeliberateEnter(enter({ keyCode: 229 }))).toBe(false);
  expect(isDeliberateEnter(new KeyboardEvent('keydown', { key: 'a' }))).toBe(false);
});

it('keeps a confirming Enter from submitting a form', () => {
  const form = document.createElement('form');
  const stop = ignoreComposingEnter(form);
  const confirming = enter({ isComposing: true });
  form.dispatchEvent(confirming);
  expect(confirming.defaultPrevented).toBe(true);
  const meant = enter();
  form.dispatchEvent(meant);
  expect(meant.defaultPrevented).toBe(false);
  stop();
  const afterwards = enter({ isComposing: true });
  form.dispatchEvent(afterwards);
  expect(afterwards.defaultPrevented).toBe(false);
});
