import { expect, it } from 'vitest';

import { Problem } from '$lib/backend';

import { Resource } from './resource.svelte';

it('keeps the value readable when a later fetch fails', async () => {
  let broken = false;
  const resource = new Resource(async () => {
    if (broken) throw new Problem({ code: 'E-1505', message: '使われています。', retryable: true });
    return 'value';
  });
  await resource.refresh();
  broken = true;
  await resource.refresh();
  expect(resource.value).toBe('value');
  expect(resource.problem?.code).toBe('E-1505');
  broken = false;
  await resource.refresh();
  expect(resource.problem).toBeNull();
});

it('shows the answer to the last question when answers overtake each other', async () => {
  const answers: ((value: string) => void)[] = [];
  const resource = new Resource(() => new Promise<string>((answer) => answers.push(answer)));
  const first = resource.refresh();
  const second = resource.refresh();
  answers[1]?.('second');
  await second;
  answers[0]?.('first');
  await first;
  expect(resource.value).toBe('second');
  expect(resource.loading).toBe(false);
});

it('names a fault of the page itself by the internal code', async () => {
  const resource = new Resource(() => Promise.reject(new TypeError('undefined is not a function')));
  await resource.refresh();
  expect(resource.problem?.code).toBe('E-1901');
});
