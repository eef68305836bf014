import { fileURLToPath } from 'node:url';

import { svelte } from '@sveltejs/vite-plugin-svelte';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';

// `--mode browser` makes a second bundle that runs on the fake backend, for the browser tests; it never ships.
export default defineConfig(({ mode }) => ({
  plugins: [tailwindcss(), svelte()],
  resolve: { alias: { $lib: fileURLToPath(new URL('./src/lib', import.meta.url)) } },
  build: {
    outDir: mode === 'browser' ? 'dist-browser' : 'dist',
    emptyOutDir: true,
    // The windows are WebView2 and WebKitGTK 2.40 or later; both know container queries and top-level await.
    target: ['chrome111', 'safari16.4'],
    // Data URLs for fonts and scripts would need a wider content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  // ヘルプ shows the user guide with its pictures.
  server: { port: 5173, strictPort: true, fs: { allow: ['.', '../docs/guide', '../docs/images'] } },
  clearScreen: false,
}));
