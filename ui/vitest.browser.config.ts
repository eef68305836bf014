import { defineConfig } from 'vitest/config';

// Walks through the bundle of `--mode browser` in a real Chromium, and looks into the production bundle.
export default defineConfig({
  test: {
    environment: 'node',
    include: ['tests/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
