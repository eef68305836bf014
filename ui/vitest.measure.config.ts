import { defineConfig } from 'vitest/config';

// Measures in a real Chromium; what comes out depends on the machine, so that it is no test.
export default defineConfig({
  test: {
    environment: 'node',
    include: ['tests/**/*.measure.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
