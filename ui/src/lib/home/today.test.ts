import { expect, it } from 'vitest';

import type { SubmissionView } from '$lib/backend';
import { FakeBackend } from '$lib/backend/fake';
import { EMPTY_QUERY } from '$lib/returns/worklist.svelte';

import { officesToSend, todaysList } from './today';

async function facts(fake = new FakeBackend()) {
  fake.signIn();
  const frame = await fake.frame();
  const submissions = await fake.submissions();
  const unsent = officesToSend(frame.account?.offices ?? [], submissions, frame.window.processing_month);
  const work = async (tab: string) => (await fake.worklist({ ...EMPTY_QUERY, tab }, 0, 7)).rows;
  const [fixable, lapsing] = [await work('fix'), await work('limitation')];
  return { frame, submissions, unsent, fixable, lapsing, notices: await fake.notices() };
}

it('counts an office as sent only when a real file for the month is on its way', async () => {
  const { frame, submissions } = await facts();
  const offices = frame.account?.offices ?? [];
  const june = submissions.filter((submission) => submission.processing_month === '2026-06');
  expect(officesToSend(offices, june, '2026-06').map(({ name }) => name)).toEqual([
    'さくらデイサービス',
    'ひいらぎ居宅介護支援',
  ]);
  for (const change of [{ test: true }, { state: 'format_error' as const }, { state: 'cancelled' as const }]) {
    expect(
      officesToSend(
        offices,
        june.map((submission) => ({ ...submission, ...change })),
        '2026-06',
      ),
    ).toHaveLength(3);
  }
});

it('lists what lapses before what must be sent before what can be put right', async () => {
  const lines = todaysList(await facts());
  expect(lines.map((line) => line.key.split('-')[0])).toEqual(['lapsing', 'send', 'send', 'fix', 'fix']);
});

it('puts a submission that stopped first and shows seven lines at most', async () => {
  const all = await facts();
  const [first] = all.submissions as [SubmissionView, ...SubmissionView[]];
  const stopped = { ...first, state: 'format_error' as const, state_word: '様式エラー' };
  const lines = todaysList({
    ...all,
    submissions: [stopped],
    fixable: all.fixable.flatMap((row) => ['a', 'b', 'c'].map((twin) => ({ ...row, id: row.id + twin }))),
  });
  expect(lines).toHaveLength(7);
  expect(lines[0]).toMatchObject({ word: '様式エラー', tone: 'error' });
});

it('asks for nothing when nothing is left', async () => {
  const all = await facts();
  expect(todaysList({ ...all, unsent: [], submissions: [], fixable: [], lapsing: [], notices: [] })).toEqual([]);
});

it('does not ask to send outside the window', async () => {
  const fake = new FakeBackend();
  await fake.advanceDemo('2026-06-30T17:00:00+09:00');
  const lines = todaysList(await facts(fake));
  expect(lines.some((line) => line.key.startsWith('send-'))).toBe(false);
});
