import { emit } from '@tauri-apps/api/event';
import { clearMocks, mockIPC } from '@tauri-apps/api/mocks';
import { afterEach, expect, it } from 'vitest';

import { Problem } from './problem';
import { tauriBackend } from './tauri';

afterEach(() => clearMocks());

it('hands arguments to the command and its answer back', async () => {
  const asked: [string, unknown][] = [];
  mockIPC((command, payload) => {
    asked.push([command, payload]);
    return [];
  });
  expect(await tauriBackend().checkFiles(['/a.csv'])).toEqual([]);
  expect(asked).toEqual([['check_files', { paths: ['/a.csv'] }]]);
});

it('throws what the command refused with as a problem', async () => {
  mockIPC(() => {
    throw { code: 'E-1011', message: 'ファイルが変わりました。', retryable: false };
  });
  const refused = await tauriBackend()
    .stage('/a.csv', 'aa')
    .catch((cause: unknown) => cause);
  expect(refused).toBeInstanceOf(Problem);
  expect(refused).toMatchObject({ code: 'E-1011', message: 'ファイルが変わりました。', retryable: false });
});

it('has a command of its own for every method of the backend', async () => {
  const commands: string[] = [];
  mockIPC((command) => void commands.push(command));
  const { onChanged, ...methods } = tauriBackend();
  for (const method of Object.values(methods)) await (method as (...args: unknown[]) => Promise<unknown>)('', '', '');
  expect(onChanged).toBeTypeOf('function');
  expect(new Set(commands).size).toBe(Object.keys(methods).length);
});

it('hands on what changed, and nothing that no screen knows', async () => {
  mockIPC(() => undefined, { shouldMockEvents: true });
  const heard: string[] = [];
  const stop = tauriBackend().onChanged((topic) => heard.push(topic));
  for (const topic of ['notices', 'weather', 'dropped']) await emit('changed', { topic });
  expect(heard).toEqual(['notices', 'dropped']);
  stop();
});
