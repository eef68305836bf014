import './app.css';

import { mount } from 'svelte';

import type { Backend } from '$lib/backend';
import { tauriBackend } from '$lib/backend/tauri';
import { applyDisplaySize } from '$lib/display';

import App from './App.svelte';

async function openBackend(): Promise<Backend | null> {
  if ('__TAURI_INTERNALS__' in window) {
    return tauriBackend();
  }
  // Only the development server and the bundle of the browser tests; the bundler drops this from the one that ships.
  if (import.meta.env.DEV || import.meta.env.MODE === 'browser') {
    const { FakeBackend } = await import('$lib/backend/fake');
    const fake = new FakeBackend();
    Object.assign(window, { todokeFake: fake });
    if (import.meta.env.DEV) fake.run();
    return fake;
  }
  return null;
}

applyDisplaySize();
const target = document.getElementById('app') as HTMLElement;
const backend = await openBackend();
if (backend) mount(App, { target, props: { backend } });
else target.textContent = 'この画面は「とどけ」の窓の中で開いてください。';
