import { render, screen } from '@testing-library/svelte';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import axe from 'axe-core';
import { expect } from 'vitest';

import App from '../App.svelte';
import { FakeBackend } from '$lib/backend/fake';
import type { Screen } from '$lib/router.svelte';

/** The program in a page, on a fake backend. */
export interface Program {
  fake: FakeBackend;
  user: UserEvent;
  container: HTMLElement;
}

interface Options {
  /** Screen that the address leads to. */
  at?: Screen;
  /** What happened before the program was opened. */
  before?: (fake: FakeBackend) => void;
}

/** Opens the program at the sign-in page. */
export async function openSignedOut({ before }: Options = {}): Promise<Program> {
  const fake = new FakeBackend();
  before?.(fake);
  const { container } = render(App, { backend: fake });
  await screen.findByTestId('login-submit');
  return { fake, user: userEvent.setup(), container };
}

/** Opens the program on a screen, signed in, with everything loaded. */
export async function openAt(at: Screen, { before }: Options = {}): Promise<Program> {
  location.hash = `#/${at}`;
  const fake = new FakeBackend();
  fake.signIn();
  before?.(fake);
  const { container } = render(App, { backend: fake });
  await screen.findByTestId(`nav-${at}`);
  await expect.poll(() => screen.queryByText('読み込んでいます…')).toBeNull();
  return { fake, user: userEvent.setup(), container };
}

/** Fails with the places of every accessibility fault that axe finds. Contrast needs a real browser; see tests/. */
export async function expectAccessible(container: HTMLElement): Promise<void> {
  const { violations } = await axe.run(container, { rules: { 'color-contrast': { enabled: false } } });
  expect(violations.map(({ id, nodes }) => ({ id, at: nodes.map((node) => node.html) }))).toEqual([]);
}
