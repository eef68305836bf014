import { expect, it } from 'vitest';

import { Problem } from '$lib/backend';

import { Action } from './action.svelte';

it('does one thing at a time', async () => {
  const action = new Action();
  let finish = () => {};
  const first = action.run(() => new Promise<void>((done) => (finish = done)));
  expect(action.busy).toBe(true);
  let second = false;
  expect(await action.run(async () => (second = true))).toBe(false);
  expect(second).toBe(false);
  finish();
  expect(await first).toBe(true);
  expect(action.busy).toBe(false);
});

it('keeps what stood in the way until something is set off again', async () => {
  const action = new Action();
  const refuse = async () => {
    throw new Problem({ code: 'E-1301', message: 'つながりません。', retryable: true });
  };
  expect(await action.run(refuse)).toBe(false);
  expect(action.problem?.code).toBe('E-1301');
  expect(action.busy).toBe(false);
  expect(await action.run(async () => expect(action.problem).toBeNull())).toBe(true);
  expect(action.problem).toBeNull();
});
