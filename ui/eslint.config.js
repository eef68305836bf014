import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

import svelteConfig from './svelte.config.js';

/** Screens and components ask the backend through the workspace; only these modules may know Tauri. */
const onlyBackendKnowsTauri = {
  'no-restricted-imports': [
    'error',
    {
      patterns: [
        { group: ['@tauri-apps/*'], message: 'Only src/lib/backend may talk to Tauri.' },
        {
          group: ['**/backend/bindings', '**/backend/tauri', '**/backend/fake', '**/backend/fake-data'],
          message: "Import from '$lib/backend' instead.",
        },
      ],
    },
  ],
};

export default ts.config(
  { ignores: ['dist', 'dist-browser', 'src/lib/backend/bindings.ts'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      'no-undef': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { extraFileExtensions: ['.svelte'], parser: ts.parser, svelteConfig },
    },
  },
  {
    files: ['src/**/*.{ts,svelte}'],
    ignores: ['src/lib/backend/**', 'src/main.ts', 'src/**/*.test.ts', 'src/test/**'],
    rules: onlyBackendKnowsTauri,
  },
);
